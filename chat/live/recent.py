"""The newest lines of one room in memory, and the people in the room."""

from collections.abc import Sequence

from chat.models import Line, Person
from chat.room import folding
from chat.room.state import RoomState

KEPT_LINES = 600  # usually; the client of a follower that lags further is disconnected
LOSS = {"parted", "access"}  # kinds of lines after which somebody may not read the room any more
ACCESS = {"joined", *LOSS}  # kinds of lines that change who may read it
SLACK = 1 / 6  # of these lines may be there besides, so that old ones are forgotten many at a time


class RecentLines:
    """The end of a room's log.

    `seen` is the number of the newest line, `oldest` that of the oldest one in memory (`seen + 1`
    without any). The lines in memory have no gap. `people` are in the room at `seen`, keyed by the
    number of their `entered` line. `kept` lines are kept at least.
    """

    def __init__(self, room_id: int) -> None:
        self.room_id = room_id
        self.seen = 0
        self.oldest = 1
        self.kept = KEPT_LINES
        self.lines: list[Line] = []
        self.people: dict[int, Person] = {}
        self._referring: dict[int, set[int]] = {}  # by message, the lines that show it too

    def load(self, state: RoomState) -> None:
        """Begin with the present state of the room."""
        self.seen = state.counters.last_seq
        self.people = state.people
        self.lines = _end_without_gap(state.lines, self.seen)
        self.oldest = self.seen - len(self.lines) + 1
        self._referring = {}
        for line in self.lines:
            self._note_reference(line)

    def _note_reference(self, line):
        if line.refers:
            self._referring.setdefault(line.of, set()).add(line.seq)

    def add(self, lines: Sequence[Line]) -> list[int]:
        """Add the next lines. Returns the numbers of the older lines that they have changed.

        Raises AssertionError when a number is missing; the tail has looked at that before.
        """
        changed = []
        for line in lines:
            if line.seq != self.seen + 1:
                raise AssertionError(
                    f"Room {self.room_id}: line {line.seq} came after {self.seen}."
                )
            self.seen = line.seq
            self.lines.append(line)
            match line.kind:
                case "entered":
                    self.people[line.seq] = Person(name=line.name, guest=line.guest)
                case "left" if line.of is not None:
                    self.people.pop(line.of, None)
                case kind if kind in folding.CHANGES and line.of is not None:
                    changed += self._change(line)
            if line.of is not None:
                self._note_reference(line)
        return changed

    def _change(self, change):
        """Change a message and the lines that refer to it, as far as they are in memory."""
        found = [
            seq
            for seq in (change.of, *self._referring.get(change.of, ()))
            if self.oldest <= seq < change.seq
        ]
        for seq in found:
            index = seq - self.oldest
            self.lines[index] = folding.changed(self.lines[index], change)
        return found

    def forget_old(self) -> list[int]:
        """Forget old lines once there are too many. Returns their numbers."""
        count = len(self.lines) - self.kept
        if count <= self.kept * SLACK:
            return []
        forgotten = [line.seq for line in self.lines[:count]]
        for line in self.lines[:count]:
            if line.refers:
                self._forget_reference(line)
        del self.lines[:count]
        self.oldest += count
        return forgotten

    def _forget_reference(self, line):
        seqs = self._referring[line.of]
        seqs.discard(line.seq)
        if not seqs:
            del self._referring[line.of]

    def between(self, after: int, until: int) -> list[Line]:
        """Return the lines in memory after the number `after`, up to `until`."""
        return self.lines[max(after + 1 - self.oldest, 0) : max(until + 1 - self.oldest, 0)]

    def access_lines(self, after: int) -> list[Line]:
        """Return the lines in memory after a number that have changed who may read the room."""
        lines = self.between(after, self.seen)
        return [line for line in lines if line.kind in ACCESS]

    def holds(self, line: Line) -> bool:
        """Return whether this `Line` object is in memory. An equal number does not suffice.

        A line that was read from the database may have changed meanwhile.
        """
        index = line.seq - self.oldest
        return 0 <= index < len(self.lines) and self.lines[index] is line

    def people_at(self, seq: int) -> list[Person]:
        """Return the people who were in the room at a number, in the order of entering."""
        people = dict(self.people)
        if seq < self.seen:
            for line in reversed(self.between(seq, self.seen)):
                if line.kind == "entered":
                    people.pop(line.seq, None)
                elif line.kind == "left" and line.of is not None:
                    people[line.of] = Person(name=line.name, guest=line.guest)
        return [people[entered] for entered in sorted(people)]


def _end_without_gap(lines: list[Line], last: int) -> list[Line]:
    """Return the lines that end with the number `last` and before which none is missing.

    Old lines may have been deleted, and somebody may have deleted others by mistake.
    """
    count = 0
    while count < len(lines) and lines[-1 - count].seq == last - count:
        count += 1
    return lines[len(lines) - count :]
