"""Permission to change a room and its members.

Each function raises `Refused` if an account may not do something to a room now. The functions that
change rooms call them while the room is locked; pages ask `offered`, so that they offer nothing
that would be refused.
"""

from chat.models import Room, User
from chat.room import access, sanctions
from chat.room.access import Reader
from chat.room.refusal import RefusalCode, Refused
from chat.room.roles import (
    Role,
    acting_role,
    check_not_archived,
    check_owner_remains,
    check_role,
    may_remove,
    role_of,
)


def check_member(user: User, room: Room) -> None:
    if role_of(user, room) is None:
        raise Refused(RefusalCode.NO_SUCH_ROOM)


def check_join(user: User, room: Room) -> None:
    sanctions.check_not_banned(room.pk, user=user)
    if not access.may_read(room.pk, Reader(user.pk)):
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    if room.by_request and acting_role(user, room) is None:
        raise Refused(RefusalCode.ASK_FIRST)
    check_not_archived(room)


def check_part(user: User, room: Room) -> None:
    check_member(user, room)
    _check_not_lobby(room)
    if room.kind != Room.Kind.DIRECT:
        check_owner_remains(user, room)


def check_invite(user: User, room: Room) -> None:
    check_member(user, room)
    _check_not_direct(room)
    _check_not_lobby(room)  # everybody is there already
    check_not_archived(room)
    sanctions.check_not_muted(user, room)


def check_remove(user: User, room: Room) -> None:
    check_role(user, room, Role.MODERATOR)
    _check_not_direct(room)
    _check_not_lobby(room)


def check_remove_person(user: User, room: Room, person: User) -> None:
    check_remove(user, room)
    role = role_of(person, room)
    if role is None or user == person or not may_remove(acting_role(user, room), role):
        raise Refused(RefusalCode.NOT_ALLOWED)
    if role == Role.OWNER:
        check_owner_remains(person, room)


def check_set_role(user: User, room: Room) -> None:
    check_role(user, room, Role.OWNER)
    _check_not_direct(room)


def check_set_topic(user: User, room: Room) -> None:
    check_role(user, room, Role.MODERATOR)
    check_not_archived(room)
    sanctions.check_not_muted(user, room)


def check_rename(user: User, room: Room) -> None:
    check_role(user, room, Role.OWNER)
    check_not_archived(room)
    sanctions.check_not_muted(user, room)


def check_set_access(user: User, room: Room) -> None:
    check_role(user, room, Role.OWNER)
    _check_not_direct(room)
    _check_not_lobby(room)


def check_archive(user: User, room: Room) -> None:
    check_role(user, room, Role.OWNER)
    _check_not_lobby(room)


def _check_not_lobby(room):
    if room.is_lobby:
        raise Refused(RefusalCode.NOT_ALLOWED)


def _check_not_direct(room):
    if room.kind == Room.Kind.DIRECT:
        raise Refused(RefusalCode.NOT_ALLOWED)


# The actions that pages offer, under the names that they use.
OFFERS = {
    "join": check_join,
    "leave": check_part,
    "choices": check_member,
    "invite": check_invite,
    "remove": check_remove,
    "role": check_set_role,
    "topic": check_set_topic,
    "name": check_rename,
    "access": check_set_access,
    "archive": check_archive,
}


def offered(user: User, room: Room) -> set[str]:
    """Return the names in `OFFERS` of what an account may do to a room."""
    return {name for name, check in OFFERS.items() if _passes(check, user, room)}


def _passes(check, *arguments):
    try:
        check(*arguments)
    except Refused as refusal:
        return refusal.code is RefusalCode.ASK_FIRST  # asking is the way to join
    return True
