"""The visits of guests in rooms besides the lobby.

A visit ends with the guest's presence on the site. The lobby guards the names of guests, so it is
locked before the room that is visited.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from chat.models import Line, Message, Presence, Room, Visit
from chat.room import access, log, sanctions
from chat.room.access import Reader
from chat.room.refusal import RefusalCode, Refused
from chat.room.roles import check_not_archived, lock_room

Kind = Message.Kind

MAX_VISITS = 20  # of one guest; all of them end in one transaction


@transaction.atomic
def join(room_id: int, presence_id: int) -> None:
    """Let a guest join an open room that allows guests. Raises `Refused`."""
    log.lock_lobby()
    room = lock_room(room_id)
    guest = Presence.objects.filter(pk=presence_id, user=None).first()
    if guest is None or not access.may_read(room_id, Reader(None)):
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    sanctions.check_not_banned(room_id, presence_id=presence_id)
    if room.by_request:  # only accounts can ask to be let in
        raise Refused(RefusalCode.NOT_ALLOWED)
    check_not_archived(room)
    visits = Visit.objects.filter(presence=guest)
    if room.is_lobby or visits.filter(room=room).exists():
        return
    if visits.count() >= MAX_VISITS:
        raise Refused(RefusalCode.TOO_MANY_ROOMS)
    (joined,) = log.append(room, [_line(Kind.JOINED, guest.name)])
    Visit.objects.create(room=room, presence=guest, joined=joined.seq)


@transaction.atomic
def part(room_id: int, presence_id: int) -> None:
    """Let a guest leave a room besides the lobby."""
    log.lock_lobby()
    room = lock_room(room_id)
    for found in Visit.objects.filter(room=room, presence=presence_id).select_related("presence"):
        found.delete()
        log.append(room, [_line(Kind.PARTED, found.presence.name)])


def end_all(room: Room) -> None:
    """Let all guests leave a locked room."""
    leaving = Visit.objects.filter(room=room).select_related("presence")
    lines = [_line(Kind.PARTED, visit.presence.name) for visit in leaving]
    leaving.delete()
    log.append(room, lines)


def end_in(room: Room, guests: Iterable[Presence], by: str) -> None:
    """Let some guests leave a locked room because somebody has put them out."""
    leaving = Visit.objects.filter(room=room, presence__in=guests).select_related("presence")
    lines = [_line(Kind.PARTED, visit.presence.name, by) for visit in leaving]
    leaving.delete()
    log.append(room, lines)


def lock_visited(presence_ids: Iterable[int]) -> None:
    """Lock the rooms that guests visit, before rows of theirs are touched. The lobby is locked."""
    visited = Visit.objects.filter(presence__in=presence_ids)
    if room_ids := set(visited.values_list("room", flat=True)):
        log.lock_many(room_ids)


def end(guests: Iterable[Presence]) -> None:
    """Append the lines of guests who leave the site, in the rooms that they visit.

    The rows of the visits are deleted with those of the guests.
    """
    visits = Visit.objects.filter(presence__in=guests)
    names: dict[int, list[str]] = {}
    for room_id, name in visits.values_list("room", "presence__name"):
        names.setdefault(room_id, []).append(name)
    rooms = log.lock_many(names) if names else {}
    log.append_to_many(
        (room, [_line(Kind.PARTED, name) for name in names[room_id]])
        for room_id, room in rooms.items()
    )


def _line(kind, name, text=""):
    return Line(kind=kind.value, name=name, guest=True, at=timezone.now(), text=text)
