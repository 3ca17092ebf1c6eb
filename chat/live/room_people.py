"""The people of rooms besides the lobby, read and encoded once for all who ask together."""

from collections.abc import Callable, Sequence

from chat.models import Room
from chat.room import people
from chat.room.people import RoomPerson

Encode = Callable[[Sequence[RoomPerson]], bytes]


class RoomPeople:
    """The people of a room as they were at the line `seq`."""

    __slots__ = ("_encoded", "people", "seq")

    def __init__(self, seq: int, here: list[RoomPerson]) -> None:
        self.seq = seq
        self.people = here
        self._encoded: bytes | None = None

    def encoded(self, encode: Encode) -> bytes:
        """Return the people in the form of the WebSocket, the only one with many readers."""
        if self._encoded is None:
            self._encoded = encode(self.people)
        return self._encoded


def read(room_ids: Sequence[int]) -> dict[int, RoomPeople]:
    """Return {room id: people}; rooms that do not exist are left out."""
    found = {}
    for room_id in room_ids:
        try:
            counters, here = people.here(room_id)
        except Room.DoesNotExist:
            continue
        found[room_id] = RoomPeople(counters.last_seq, here)
    return found
