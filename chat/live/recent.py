"""The newest lines of one room in memory, and the people in the room."""

from collections.abc import Sequence

from chat.models import Line, Person
from chat.room.state import RoomState

KEPT_LINES = 600  # at least; the client of a follower that lags further is disconnected
SLACK = 100  # lines above that, so that old lines are forgotten many at a time


class RecentLines:
    """The end of a room's log.

    `seen` is the number of the newest line, `oldest` that of the oldest one in memory (`seen + 1`
    without any). `people` are in the room at `seen`, keyed by the number of their `entered` line.
    """

    def __init__(self, room_id: int) -> None:
        self.room_id = room_id
        self.seen = 0
        self.oldest = 1
        self.lines: list[Line] = []
        self.people: dict[int, Person] = {}

    def load(self, state: RoomState) -> None:
        """Begin with the present state of the room."""
        self.seen = state.counters.last_seq
        self.people = state.people
        self.lines = state.lines
        self.oldest = self.seen - len(self.lines) + 1

    def add(self, lines: Sequence[Line]) -> list[int]:
        """Add the next lines. Returns the numbers of the older lines that they have changed.

        Raises AssertionError when a number is missing, which never happens in a correct log.
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
                case "removed":
                    changed += self._remove(line.of)
        return changed

    def _remove(self, seq):
        index = seq - self.oldest
        if not 0 <= index < len(self.lines):
            return []
        self.lines[index] = self.lines[index]._replace(text="", removed=True)
        return [seq]

    def forget_old(self) -> list[int]:
        """Forget old lines once there are too many. Returns their numbers."""
        count = len(self.lines) - KEPT_LINES
        if count <= SLACK:
            return []
        forgotten = [line.seq for line in self.lines[:count]]
        del self.lines[:count]
        self.oldest += count
        return forgotten

    def between(self, after: int, until: int) -> list[Line]:
        """Return the lines in memory after the number `after`, up to `until`."""
        return self.lines[max(after + 1 - self.oldest, 0) : max(until + 1 - self.oldest, 0)]

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
