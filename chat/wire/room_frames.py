"""The frames of the server about rooms besides the lobby, and the wire of such a room.

chat/wire/README.md describes them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from chat.wire import frames
from chat.wire.frames import Skipped
from chat.wire.interface import Event, LogLine, NamedPerson, RoomMember

Summary = Mapping[str, Any]  # what a client is told about a room, by field


class RoomWire(NamedTuple):
    """The frames of one room besides the lobby, as a `Wire`. They name the room.

    A tuple, because its hash is computed for each member and batch.
    """

    room: int

    def encode(self, line: LogLine) -> bytes:
        return frames.encode(line)

    def encode_ignored(self, line: LogLine) -> bytes:
        return frames.encode_ignored(line)

    def batch(self, encoded: Sequence[bytes]) -> list[Event]:
        return frames.batch_of_room(encoded, self.room)

    def encode_people(self, people: Iterable[NamedPerson]) -> bytes:
        return frames.encode_people(people)


def encode_members(people: Iterable[RoomMember]) -> bytes:
    """Return the people of a room besides the lobby as a JSON array, in their order."""
    return orjson.dumps(
        [
            {
                "name": person.name,
                "guest": person.guest,
                "online": person.online,
                "role": person.role,
                "since": person.since,
            }
            for person in people
        ],
        option=orjson.OPT_UTC_Z,
    )


def opened(
    *,
    room: int,
    seq: int,
    people: bytes,
    encoded: Iterable[bytes],
    reset: bool,
    summary: Summary,
    skipped: Skipped | None = None,
    missed: int | None = None,
) -> Event:
    """Return the answer to `open`. The fields of the lines are those of `welcome`."""
    fields: dict[str, Any] = {
        "type": "opened",
        "room": room,
        "seq": seq,
        "reset": reset,
        "read": summary["read"],
        "summary": summary,
    }
    if skipped is not None:
        fields["skipped"] = [tuple(run) for run in skipped]
    if missed is not None:
        fields["missed"] = missed
    head = orjson.dumps(fields, option=orjson.OPT_UTC_Z)
    return frames.event(b'%b,"people":%b,"lines":[%b]}' % (head[:-1], people, b",".join(encoded)))


def room(change: str, summary: Summary, answer: str | None = None) -> Event:
    """Return what has changed in the member's list of rooms: one is joined, changed or left.

    `answer` is the type of the frame that this answers, if it answers one.
    """
    fields = {"type": "room", "change": change, "room": summary}
    answered = {} if answer is None else {"answer": answer}
    return frames.event(orjson.dumps(fields | answered, option=orjson.OPT_UTC_Z))


def activity(
    *, room: int, last: int, unread: int, mentions: int, line: bytes | None = None
) -> Event:
    """Return the notice of new lines in a room that is not open, with one message of them."""
    fields = {"type": "activity", "room": room, "last": last}
    head = orjson.dumps(fields | {"unread": unread, "mentions": mentions})
    return frames.event(head if line is None else b'%b,"line":%b}' % (head[:-1], line))


def read(room: int, seq: int, unread: int, mentions: int) -> Event:
    """Return how far the member has read, and the counts of what follows."""
    fields = {"type": "read", "room": room, "seq": seq}
    return frames.event(orjson.dumps(fields | {"unread": unread, "mentions": mentions}))
