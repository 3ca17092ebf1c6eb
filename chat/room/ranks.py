"""Ranks: who may act on whom.

A superuser outranks staff, staff outrank members, and members outrank guests.
"""

from enum import IntEnum

from django.db.models import OuterRef, Subquery

from chat.models import Membership, Room, User


class Rank(IntEnum):
    """The rank of a person on the site; a higher number outranks a lower one."""

    GUEST = 0
    MEMBER = 1
    STAFF = 2
    SUPERUSER = 3


def rank_of(user: User | None) -> Rank:
    """Return the rank of an account, or of a guest, who has none."""
    if user is None:
        return Rank.GUEST
    if user.is_superuser:
        return Rank.SUPERUSER
    return Rank.STAFF if user.is_staff else Rank.MEMBER


def may_act_on(actor: User | None, target: User | None) -> bool:
    """Return whether the rank of `actor` is high enough to act on `target`.

    A superuser may act on everybody; everybody else only on people of a lower rank, also for
    moderation. This says nothing about permissions: the caller checks whether `actor` may take the
    action at all.
    """
    if rank_of(actor) is Rank.SUPERUSER:
        return True
    return rank_of(actor) > rank_of(target) and authority_of(actor) > authority_of(target)


class Authority(IntEnum):
    """The rank of a person for moderation, in a room or on the site."""

    GUEST = 0
    MEMBER = 1
    ROOM_MODERATOR = 2
    ROOM_OWNER = 3
    SITE_MODERATOR = 4
    ADMINISTRATOR = 5
    OPERATOR = 6  # at the command line


SITE_PERMISSION = "chat.moderate"
ROLES = {
    Membership.Role.MODERATOR.value: Authority.ROOM_MODERATOR,
    Membership.Role.OWNER.value: Authority.ROOM_OWNER,
}


def authority_of(
    user: User | None, room_id: int | None = None, *, everywhere: bool = False
) -> Authority:
    """Return the rank of an account, or of a guest, in a room or on the site.

    Site moderators are staff, and accounts with the permission `chat.moderate`, which they usually
    have from a group. In private and direct rooms only the role there counts, except for
    administrators who act `everywhere`: in the admin site.
    """
    if user is None:
        return Authority.GUEST
    on_site = _authority_on_site(user)
    if room_id is None or (everywhere and on_site is Authority.ADMINISTRATOR):
        return on_site
    role = Membership.objects.filter(room=OuterRef("pk"), user=user.pk).values("role")
    rooms = Room.objects.filter(pk=room_id).values_list("kind", Subquery(role))
    kind, mine = rooms.first() or (None, None)
    return authority_in(kind, mine, on_site)


def authority_in(kind: str | None, role: str | None, on_site: Authority) -> Authority:
    """Return the rank of an account in a room of a kind, by its role there and its other rank."""
    in_room = ROLES.get(role or "", Authority.MEMBER)
    return max(in_room, on_site) if kind == Room.Kind.OPEN else in_room


def _authority_on_site(user):
    if user.is_superuser:
        return Authority.ADMINISTRATOR
    is_moderator = user.is_staff or user.has_perm(SITE_PERMISSION)
    return Authority.SITE_MODERATOR if is_moderator else Authority.MEMBER
