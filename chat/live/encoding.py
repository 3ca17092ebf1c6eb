"""Encodes each line of a room once per wire, for any number of members."""

from collections.abc import Iterable, Sequence
from typing import Any

from chat.live.ignoring_wire import IgnoringWire, bare
from chat.live.recent import RecentLines
from chat.models import Line
from chat.wire.interface import Wire

BATCHES = 16  # cached batches; most followers stand at the same few cursors
BATCH_BYTES = 256 * 1024  # of encoded lines in one batch, unless a single line is longer


class Encoder:
    """The encoded forms of a room's recent lines, batches and people, by wire."""

    def __init__(self, recent: RecentLines) -> None:
        self._recent = recent
        self._lines: dict[Wire, dict[int, bytes]] = {}
        self._batches: dict[tuple[Wire, int], tuple[list[dict[str, Any]], int]] = {}
        self._people: dict[Wire, tuple[int, bytes]] = {}

    def clear(self) -> None:
        """Forget everything, because the lines were read again."""
        self._lines.clear()
        self._batches.clear()
        self._people.clear()

    def forget(self, seqs: Iterable[int]) -> None:
        """Forget some lines, which have changed or left the memory, and all batches."""
        self._batches.clear()
        for seq in seqs:
            for encoded in self._lines.values():
                encoded.pop(seq, None)

    def encode(self, wire: Wire, lines: Sequence[Line]) -> list[bytes]:
        """Return the encoded lines. Only lines that are in memory are cached."""
        if isinstance(wire, IgnoringWire):
            # Members who ignore somebody share the other lines with those who do not.
            return [
                wire.encode(line) if wire.changes(line) else self.encode(wire.wire, [line])[0]
                for line in lines
            ]
        cache = self._lines.setdefault(wire, {})
        return [
            self._encode_once(wire, cache, line) if self._recent.holds(line) else wire.encode(line)
            for line in lines
        ]

    def _encode_once(self, wire, cache, line):
        if (data := cache.get(line.seq)) is None:
            data = cache[line.seq] = wire.encode(line)
        return data

    def batch(self, wire: Wire, cursor: int) -> tuple[list[dict[str, Any]], int]:
        """Return the events that send the next lines after a cursor, and the new cursor.

        Followers with the same cursor share one list. A batch is bounded, because each of many
        slow followers may stand at a cursor of its own and hold a batch of its own.
        """
        key = (wire, cursor)
        if (batch := self._batches.get(key)) is None:
            lines = self._recent.between(cursor, self._recent.seen)
            encoded = first_fitting(self.encode(wire, lines))
            batch = self._batches[key] = wire.batch(encoded), cursor + len(encoded)
            if len(self._batches) > BATCHES:
                del self._batches[next(iter(self._batches))]
        return batch

    def encode_people(self, wire: Wire, seq: int) -> bytes:
        """Return the encoded people who were in the room at a number. The last answer is cached."""
        wire = bare(wire)
        cached_seq, encoded = self._people.get(wire, (None, b""))
        if cached_seq != seq:
            encoded = wire.encode_people(self._recent.people_at(seq))
            self._people[wire] = seq, encoded
        return encoded

    @property
    def cached_lines(self) -> int:
        """The largest number of encoded lines that are cached for one wire."""
        return max(map(len, self._lines.values()), default=0)

    @property
    def cached_batches(self) -> int:
        """The number of cached batches."""
        return len(self._batches)


def first_fitting(encoded: list[bytes]) -> list[bytes]:
    """Return the first of some encoded lines, as many as fit into one batch, but at least one."""
    size = 0
    for count, data in enumerate(encoded):
        size += len(data)
        if size > BATCH_BYTES and count:
            return encoded[:count]
    return encoded


def last_fitting(encoded: list[bytes]) -> list[bytes]:
    """Return the last of some encoded lines, as many as fit into one batch, but at least one."""
    return first_fitting(encoded[::-1])[::-1]
