"""The state of a room at one moment, as a server process begins with it."""

from typing import NamedTuple

from chat.models import Line, Person, Room
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
    """Return the present state of a room, with its newest lines and its newest messages."""
    counters, here = people(room_id)
    end = counters.last_seq + 1
    return RoomState(
        counters=counters,
        people=here,
        lines=log.before(room_id, end, line_limit),
        newest=excerpts.before(room_id, end, message_limit),
    )


def people(room_id: int) -> tuple[Counters, dict[int, Person]]:
    """Return the counters and the people of a room from one statement, so that they agree.

    Raises `Room.DoesNotExist`.
    """
    rows = list(
        Room.objects.filter(pk=room_id)
        .order_by("presence__entered")
        .values_list(
            "last_seq", "revision", "presence__entered", "presence__name", "presence__user_id"
        )
    )
    if not rows:
        raise Room.DoesNotExist(f"Room {room_id} does not exist.")
    last_seq, revision, *_ = rows[0]
    here = {
        entered: Person(name=name, guest=user_id is None)
        for _, _, entered, name, user_id in rows
        if entered is not None
    }
    return Counters(last_seq, revision), here
