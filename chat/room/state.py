"""The state of a room at one moment, as a server process begins with it."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import F

from chat.models import Line, Message, Person, Presence, Room
from chat.room import excerpts, log
from chat.room.excerpts import Excerpt
from chat.room.log import Counters


class RoomState(NamedTuple):
    """A room at one moment. `people` is keyed by the number of their `entered` line."""

    counters: Counters
    people: dict[int, Person]
    lines: list[Line]
    newest: Excerpt


def read(room_id: int, line_limit: int, message_limit: int) -> RoomState:
    """Return the present state of the lobby, with its newest lines and its newest messages."""
    counters, here = people(room_id)
    end = counters.last_seq + 1
    return RoomState(
        counters=counters,
        people=here,
        lines=log.before(room_id, end, line_limit),
        newest=excerpts.before(room_id, end, message_limit),
    )


FIRST_LINES = 50  # that are read of each room besides the lobby


def read_others(room_ids: Sequence[int]) -> dict[int, RoomState]:
    """Return {room id: state} of rooms besides the lobby, with their newest lines.

    Two statements serve all rooms. Nobody enters or leaves these rooms, so the newest lines are the
    newest messages with the lines among them. Rooms that do not exist are left out.
    """
    rooms = Room.objects.filter(pk__in=room_ids).values_list("pk", "last_seq", "revision")
    counters = {pk: Counters(last_seq, revision) for pk, last_seq, revision in rooms}
    lines: dict[int, list[Line]] = {pk: [] for pk in counters}
    newest = Message.objects.filter(
        room__in=list(counters), seq__gt=F("room__last_seq") - FIRST_LINES
    )
    for room_id, line in newest.order_by("room", "seq").lines_of_rooms():
        if line.seq <= counters[room_id].last_seq:
            lines[room_id].append(line)
    return {pk: _state_of_other(counters[pk], lines[pk]) for pk in counters}


def _state_of_other(counters, lines):
    first = lines[0].seq if lines else counters.last_seq + 1
    newest = Excerpt(first=first, last=counters.last_seq, lines=lines, skipped=[])
    return RoomState(counters=counters, people={}, lines=lines, newest=newest)


PEOPLE = f"""
    SELECT room.last_seq, room.revision, presence.entered, presence.name, presence.user_id
    FROM {Room._meta.db_table} AS room
    LEFT JOIN {Presence._meta.db_table} AS presence ON TRUE
    WHERE room.id = %s ORDER BY presence.entered
"""


def people(room_id: int) -> tuple[Counters, dict[int, Person]]:
    """Return the counters of the lobby and the people on the site.

    One statement reads both, so that they agree. Raises `Room.DoesNotExist`.
    """
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [room_id])
        rows = cursor.fetchall()
    if not rows:
        raise Room.DoesNotExist(f"Room {room_id} does not exist.")
    last_seq, revision, *_ = rows[0]
    here = {
        entered: Person(name=name, guest=user_id is None)
        for _, _, entered, name, user_id in rows
        if entered is not None
    }
    return Counters(last_seq, revision), here
