"""The members of rooms: joining, inviting, leaving, and roles.

Each change locks the room and appends a line that says so, in the same transaction. Server
processes follow the lines, so they know who may be sent what comes after.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from chat.models import Line, Membership, Message, Room, User
from chat.room import changes, log, permissions, sanctions
from chat.room.moderation_log import Action, Moderator, on_page, record
from chat.room.refusal import RefusalCode, Refused
from chat.room.roles import Role, check_owner_remains, lock_room, role_of
from chat.room.targets import of_account

Kind = Message.Kind


# Joining and leaving


@transaction.atomic
def join(room_id: int, user: User) -> None:
    """Let an account join an open room. Joining again changes nothing.

    Raises `Refused`. A room that cannot be read looks as if it did not exist.
    """
    room = lock_room(room_id)
    if role_of(user, room) is None:
        permissions.check_join(user, room)
        add(room, user, Role.MEMBER)
        log.append(room, [line(Kind.JOINED, user)])


@transaction.atomic
def part(room_id: int, user: User) -> None:
    """Let an account leave a room. The lobby cannot be left.

    A direct room is only hidden, until somebody says something there.
    The only owner of a room cannot leave it while it has other members.
    """
    room = lock_room(room_id)
    if role_of(user, room) is None:
        return
    permissions.check_part(user, room)
    if room.kind == Room.Kind.DIRECT:
        Membership.objects.filter(room=room, user=user).update(hidden=True, read_seq=room.last_seq)
        changes.announce_account(user.pk)
        return
    Membership.objects.filter(room=room, user=user).delete()
    log.append(room, [line(Kind.PARTED, user)])


# Inviting and removing


@transaction.atomic
def invite(room_id: int, person: User, by: User) -> None:
    """Make somebody a member of a room in which `by` is one.

    The lock of the lobby lets a mute on the whole site know all rooms of the person.
    """
    log.lock_lobby()
    room = lock_room(room_id)
    permissions.check_invite(by, room)
    if not person.is_active or sanctions.is_banned(room_id, person):
        raise Refused(RefusalCode.NOT_ALLOWED)
    if role_of(person, room) is None:
        add(room, person, Role.MEMBER)
        log.append(room, [line(Kind.JOINED, person, by.username)])


@transaction.atomic
def remove(room_id: int, person: User, by: User, *, moderator: Moderator | None = None) -> None:
    """Take somebody's membership away; `by` needs a higher role than theirs.

    `moderator` is given by doors other than the pages.
    """
    room = lock_room(room_id)
    permissions.check_remove_person(by, room, person)
    end(room, person, by.username)
    moderator = moderator or on_page(by)
    record(moderator, Action.KICK, of_account(person), room, detail="may join again")


def end(room: Room, person: User, by: str) -> None:
    """End the membership of an account in a locked room, if it is a member."""
    count, _ = Membership.objects.filter(room=room, user=person).delete()
    if count:
        log.append(room, [line(Kind.PARTED, person, by)])


@transaction.atomic
def set_role(
    room_id: int, person: User, role: str, by: User, *, moderator: Moderator | None = None
) -> None:
    """Give a member another role: `by` must be an owner, and one owner must remain.

    `moderator` is given by doors other than the pages.
    """
    room = lock_room(room_id)
    permissions.check_set_role(by, room)
    present = role_of(person, room)
    if present is None:
        raise Refused(RefusalCode.NOT_ALLOWED)
    if present != role:
        if present == Role.OWNER:
            check_owner_remains(person, room)
        Membership.objects.filter(room=room, user=person).update(role=role)
        log.append(room, [line(Kind.ROLE, person, role)])
        detail = f"{present} to {role}"
        record(moderator or on_page(by), Action.ROLE, of_account(person), room, detail=detail)


# Rows and lines


def add(room: Room, user: User, role: str, *, hidden: bool = False) -> None:
    """Insert the row of a new member of a locked room. Earlier messages count as read."""
    Membership.objects.create(
        room=room,
        user=user,
        role=role,
        read_seq=room.last_seq,
        since=timezone.now(),
        hidden=hidden,
    )


def add_to_lobby(lobby: Room, user_ids: Sequence[int]) -> None:
    """Make accounts that connect members of the locked lobby, unless they are; no line says so."""
    if user_ids:
        now = timezone.now()
        Membership.objects.bulk_create(
            [
                Membership(room=lobby, user_id=pk, read_seq=lobby.last_seq, since=now)
                for pk in user_ids
            ],
            ignore_conflicts=True,
        )


def line(kind: Message.Kind, user: User, text: str = "") -> Line:
    """Return the line that says what happened to the membership of an account, or what it did."""
    return Line(
        kind=kind.value, name=user.username, author_id=user.pk, at=timezone.now(), text=text
    )
