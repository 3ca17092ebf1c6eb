"""The roles in a room: who may do what there.

An owner outranks moderators, and a moderator outranks members. Site moderators may do everything in
open rooms, and nothing more than others in private ones.
"""

from collections.abc import Collection

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from chat.models import Membership, Room, User
from chat.room import asked, log
from chat.room.asked import PAIRS
from chat.room.ranks import SITE_PERMISSION, Authority, authority_of
from chat.room.refusal import RefusalCode, Refused

Role = Membership.Role

ROLES = [Role.MEMBER, Role.MODERATOR, Role.OWNER]  # from the lowest to the highest


def lock_room(room_id: int) -> Room:
    """Lock a room and return it with all its fields. Raises `Refused` if there is none."""
    if not log.lock_many([room_id]):
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    return Room.objects.get(pk=room_id)


def role_of(user: User, room: Room) -> str | None:
    """Return the role of an account in a room, or None if it is no member."""
    mine = Membership.objects.filter(room=room, user=user.pk)
    return mine.values_list("role", flat=True).first()


def acting_role(user: User, room: Room) -> str | None:
    """Return the role with which an account acts in a room.

    Site moderators act as owners of open rooms.
    """
    if room.kind == Room.Kind.OPEN and authority_of(user) >= Authority.SITE_MODERATOR:
        return Role.OWNER
    return role_of(user, room)


APP, CODENAME = SITE_PERMISSION.split(".")
# The accounts that have the permission of site moderators, of their own or from a group.
WITH_PERMISSION = f"""
    SELECT own.user_id FROM {User.user_permissions.through._meta.db_table} AS own
    JOIN {{permission}} ON permission.id = own.permission_id
    UNION ALL
    SELECT belonging.user_id FROM {User.groups.through._meta.db_table} AS belonging
    JOIN {Group.permissions.through._meta.db_table} AS granted
        ON granted.group_id = belonging.group_id
    JOIN {{permission}} ON permission.id = granted.permission_id
""".format(
    permission=f"""(
        SELECT named.id FROM {Permission._meta.db_table} AS named
        JOIN {ContentType._meta.db_table} AS content ON content.id = named.content_type_id
        WHERE content.app_label = '{APP}' AND named.codename = '{CODENAME}'
    ) AS permission"""
)
# The condition that the account of `account` is a site moderator.
IS_SITE_MODERATOR = f"""(
    account.is_staff OR account.is_superuser OR account.id IN ({WITH_PERMISSION})
)"""
HAVING_PERMISSION = f"""
    SELECT granted.user_id FROM ({WITH_PERMISSION}) AS granted
    JOIN {{asked}} ON asked.user_id = granted.user_id
"""
ACCOUNTS = asked.table("asked", "user_id")
SITE_MODERATORS = f"""
    SELECT account.id FROM {{asked}}
    JOIN {User._meta.db_table} AS account ON account.id = asked.user_id
    WHERE account.is_active AND {IS_SITE_MODERATOR}
"""
# The statement begins with the accounts that may moderate: they are few, and found by indexes.
ALL_SITE_MODERATORS = f"""
    SELECT account.id FROM {User._meta.db_table} AS account
    WHERE (account.is_staff OR account.is_superuser) AND account.is_active
    UNION
    SELECT account.id FROM ({WITH_PERMISSION}) AS granted
    JOIN {User._meta.db_table} AS account ON account.id = granted.user_id
    WHERE account.is_active
"""
MODERATING = f"""
    SELECT asked.user_id, asked.room_id FROM {{asked}}
    JOIN {Room._meta.db_table} AS room ON room.id = asked.room_id
    JOIN {User._meta.db_table} AS account ON account.id = asked.user_id
    LEFT JOIN {Membership._meta.db_table} AS membership
        ON membership.room_id = asked.room_id AND membership.user_id = asked.user_id
    WHERE membership.role IN ('{Role.MODERATOR.value}', '{Role.OWNER.value}')
        OR room.kind = '{Room.Kind.OPEN.value}' AND {IS_SITE_MODERATOR}
"""


def moderating(pairs: Collection[tuple[int | None, int]]) -> set[tuple[int, int]]:
    """Return those (account, room id) in which the account may do what moderators do.

    It is the rule of `acting_role`, for many at once. There must be at least one pair.
    """
    with connection.cursor() as cursor:
        statement = MODERATING.format(asked=PAIRS[connection.vendor])
        cursor.execute(statement, asked.arguments(pairs))
        return set(cursor.fetchall())


def with_permission(user_ids: Collection[int]) -> set[int]:
    """Return those of some accounts that have the permission of site moderators from somebody."""
    if not user_ids:
        return set()
    with connection.cursor() as cursor:
        statement = HAVING_PERMISSION.format(asked=ACCOUNTS[connection.vendor])
        cursor.execute(statement, asked.arguments([(pk,) for pk in user_ids]))
        return {user_id for (user_id,) in cursor.fetchall()}


def site_moderators(user_ids: Collection[int]) -> set[int]:
    """Return those of some accounts that moderate the site. One statement finds them."""
    if not user_ids:
        return set()
    with connection.cursor() as cursor:
        statement = SITE_MODERATORS.format(asked=ACCOUNTS[connection.vendor])
        cursor.execute(statement, asked.arguments([(user_id,) for user_id in user_ids]))
        return {user_id for (user_id,) in cursor.fetchall()}


def all_site_moderators() -> set[int]:
    """Return the accounts that moderate the site, however many others there are."""
    with connection.cursor() as cursor:
        cursor.execute(ALL_SITE_MODERATORS)
        return {user_id for (user_id,) in cursor.fetchall()}


def moderated_by(user: User) -> Q:
    """Return the condition on `Room` for the rooms about which an account decides as a moderator.

    It is the rule of `acting_role`, for lists of what waits for moderators.
    """
    mine = Membership.objects.filter(
        room=OuterRef("pk"), user=user.pk, role__in=(Role.MODERATOR, Role.OWNER)
    )
    if authority_of(user) >= Authority.SITE_MODERATOR:
        return Q(kind=Room.Kind.OPEN) | Q(Exists(mine))
    return Q(Exists(mine))


def check_role(user: User, room: Room, least: str) -> None:
    """Raise `Refused` if the role of an account is lower than `least`.

    A room that an account may not read looks to it as if it did not exist.
    """
    role = acting_role(user, room)
    if role is None and room.kind != Room.Kind.OPEN:
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    if role is None or is_lower(role, least):
        raise Refused(RefusalCode.NOT_ALLOWED)


def may_remove(role: str | None, other: str) -> bool:
    """Return whether somebody who acts with a role may take out others who have a role."""
    least = Role.MODERATOR if other == Role.MEMBER else Role.OWNER
    return role is not None and not is_lower(role, least)


def is_lower(role: str, other: str) -> bool:
    """Return whether a role is lower than another."""
    return ROLES.index(Role(role)) < ROLES.index(Role(other))


def check_owner_remains(leaving: User, room: Room) -> None:
    """Raise `Refused` if a room with other members would have no owner without this one.

    Accounts that are deactivated do not count: they can neither act nor be asked.
    """
    others = Membership.objects.filter(room=room, user__is_active=True).exclude(user=leaving)
    if others.exists() and not others.filter(role=Role.OWNER).exists():
        raise Refused(RefusalCode.LAST_OWNER)


def check_not_archived(room: Room) -> None:
    """Raise `Refused` for an archived room, in which nothing happens any more."""
    if room.archived:
        raise Refused(RefusalCode.ARCHIVED)
