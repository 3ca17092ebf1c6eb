"""Changes of a room: its topic, its name, who may read it, and whether it is archived.

Each is recorded in the log of moderation. `moderator` is given by doors other than the pages.
"""

from django.db import IntegrityError, transaction

from chat.models import Access, Message, Room, User
from chat.names.keys import key_of
from chat.room import log, permissions, visits
from chat.room.creation import clean_name, clean_topic
from chat.room.membership import line
from chat.room.moderation_log import Action, Moderator, on_page, record
from chat.room.refusal import RefusalCode, Refused
from chat.room.roles import lock_room

Kind = Message.Kind


@transaction.atomic
def set_topic(room_id: int, topic: str, by: User, *, moderator: Moderator | None = None) -> None:
    """Set what a room is about; `by` must be a moderator there."""
    topic = clean_topic(topic)
    room = lock_room(room_id)
    permissions.check_set_topic(by, room)
    if Room.objects.filter(pk=room_id).exclude(topic=topic).update(topic=topic):
        log.append(room, [line(Kind.TOPIC, by, topic)])
        _record(moderator, by, room, "topic", topic)


@transaction.atomic
def rename(room_id: int, name: str, by: User, *, moderator: Moderator | None = None) -> None:
    """Name a room; `by` must be an owner. Its address stays."""
    name = clean_name(name)
    room = lock_room(room_id)
    permissions.check_rename(by, room)
    if room.name != name:
        _update(room, name=name, key=key_of(name))
        log.append(room, [line(Kind.RENAMED, by, name)])
        _record(moderator, by, room, "name", name)


@transaction.atomic
def set_access(
    room_id: int, access: Access, by: User, *, moderator: Moderator | None = None
) -> None:
    """Decide who may read a room; `by` must be an owner. Lobby and direct rooms stay as they are.

    Guests who may not read it any more leave it. Accounts that are no members of a private room
    lose it with the line that this appends. Raises `Refused`, also when the name of an open room
    looks the same.

    The lock of the lobby lets a mute on the whole site know all open rooms.
    """
    log.lock_lobby()
    room = lock_room(room_id)
    permissions.check_set_access(by, room)
    if access == access_of(room):
        return
    if access != Access.GUESTS:
        visits.end_all(room)
    kind = Room.Kind.PRIVATE if access == Access.PRIVATE else Room.Kind.OPEN
    _update(room, kind=kind, guests_allowed=access == Access.GUESTS)
    log.append(room, [line(Kind.ACCESS, by, access.value)])
    record(moderator or on_page(by), Action.RULES, room=room, detail=f"access: {access.value}")


def _record(moderator, by, room, field, value):
    """Record a change of the name or the topic. Those of private rooms are not in the entry."""
    detail = f"{field}: {value}" if room.kind == Room.Kind.OPEN else field
    record(moderator or on_page(by), Action.RULES, room=room, detail=detail)


def access_of(room: Room) -> Access:
    """Return who may read a room that is not a direct one."""
    if room.kind != Room.Kind.OPEN:
        return Access.PRIVATE
    return Access.GUESTS if room.guests_allowed else Access.OPEN


def _update(room, **fields):
    """Change a locked room. Raises `Refused` if the names of two open rooms would look the same."""
    try:
        with transaction.atomic():
            Room.objects.filter(pk=room.pk).update(**fields)
    except IntegrityError:
        raise Refused(RefusalCode.NAME_TAKEN) from None


@transaction.atomic
def archive(room_id: int, by: User, *, moderator: Moderator | None = None) -> None:
    """Close a room for everything but reading; `by` must be an owner. The lobby stays open."""
    room = lock_room(room_id)
    permissions.check_archive(by, room)
    if not room.archived:
        Room.objects.filter(pk=room_id).update(archived=True)
        log.append(room, [line(Kind.ARCHIVED, by)])
        record(moderator or on_page(by), Action.RULES, room=room, detail="archived")


@transaction.atomic
def reopen(room_id: int, by: User, *, moderator: Moderator | None = None) -> None:
    """Open an archived room again; `by` must be an owner."""
    room = lock_room(room_id)
    permissions.check_archive(by, room)
    if room.archived:
        Room.objects.filter(pk=room_id).update(archived=False)
        log.append(room, [line(Kind.REOPENED, by)])
        record(moderator or on_page(by), Action.RULES, room=room, detail="reopened")
