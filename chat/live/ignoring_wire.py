"""The wire of a member who ignores somebody."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

from chat.models import Line
from chat.names.keys import key_of
from chat.room.ignoring import without_quote
from chat.wire.interface import Event, LogLine, NamedPerson, Wire

# Kinds of lines that show what their person has said or chosen.
SPOKEN = frozenset({"said", "edited", "restored", "reacted"})


def is_hidden(line: LogLine, keys: frozenset[str]) -> bool:
    """Return whether a line shows something that a person with one of the keys has said."""
    return line.kind in SPOKEN and key_of(line.name) in keys


class IgnoringWire(NamedTuple):
    """A wire on which the lines of people with some keys have no content.

    A tuple, because its hash is computed for each batch.
    """

    wire: Wire
    keys: frozenset[str]

    def hides(self, line: LogLine) -> bool:
        """Return whether clients of this wire are not shown what a line says."""
        return is_hidden(line, self.keys)

    def quotes(self, line: LogLine) -> bool:
        """Return whether a line shows the beginning of a message that is hidden itself."""
        return line.quote is not None and key_of(line.quote["name"]) in self.keys

    def changes(self, line: LogLine) -> bool:
        """Return whether a line is sent in another form than to others."""
        return self.hides(line) or self.quotes(line)

    def encode(self, line: LogLine) -> bytes:
        if self.hides(line):
            return self.encode_ignored(line)
        return self.wire.encode(without_quote(cast(Line, line), self.keys))

    def encode_ignored(self, line: LogLine) -> bytes:
        return self.wire.encode_ignored(line)

    def batch(self, encoded: Sequence[bytes]) -> list[Event]:
        return self.wire.batch(encoded)

    def encode_people(self, people: Iterable[NamedPerson]) -> bytes:
        return self.wire.encode_people(people)


def bare(wire: Wire) -> Wire:
    """Return the wire that a member has who ignores nobody."""
    return wire.wire if isinstance(wire, IgnoringWire) else wire
