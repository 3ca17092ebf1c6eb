"""The lines of the legacy port with their numbers, and the answers to the words about these.

chat/wire/README.md describes them (D24).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chat.wire import legacy
from chat.wire.interface import Event, LogLine, NamedPerson, Wire

NUMBERS_ON = b"Lines have numbers now \n"
NUMBERS_OFF = b"Lines have no numbers now \n"
NO_MESSAGE = b"There is no such message \n"
NO_EMOJI = b"That is not an emoji \n"
NOTHING_CHANGED = b"Nothing has changed \n"
TOO_LATE = b"It is too late for that \n"
TOO_MANY_EDITS = b"That message was edited too often \n"
TOO_MANY_REACTIONS = b"That message has too many reactions \n"


class NumberedWire(NamedTuple):
    """The lines of another `Wire` of the legacy port, with their numbers.

    A tuple, because its hash is computed for each member and batch.
    """

    plain: Wire

    def encode(self, line: LogLine) -> bytes:
        return numbered(line, self.plain.encode(line))

    def encode_ignored(self, line: LogLine) -> bytes:
        return b""

    def batch(self, encoded: Sequence[bytes]) -> list[Event]:
        return legacy.batch(encoded)

    def encode_people(self, people: Iterable[NamedPerson]) -> bytes:
        return self.plain.encode_people(people)


def numbered(line: LogLine, encoded: bytes) -> bytes:
    """Return the encoded lines for one line of the log, with its number before each.

    An edit has the number of the message that was edited.
    """
    number = line.of if line.kind == "edited" and line.of is not None else line.seq
    return b"".join(b"%d %b" % (number, part) for part in encoded.splitlines(keepends=True))


def removed(seq: int) -> bytes:
    """Return the answer to `remove`."""
    return f"You have removed {seq} \n".encode()


def reacted(seq: int, emoji: str, *, on: bool) -> bytes:
    """Return the answer to `react`."""
    done = f"You have reacted to {seq} with" if on else f"You react to {seq} no longer with"
    return f"{done} {emoji} \n".encode()
