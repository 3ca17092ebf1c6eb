"""The history of a room as its log tells it: who could read it after each line, and its state."""

from typing import NamedTuple

OWNER, MEMBER = "owner", "member"


class RoomAt(NamedTuple):
    """A room after one of its lines. `roles` is {name: role} of its members."""

    kind: str
    topic: str
    archived: bool
    roles: dict[str, str]

    def after(self, line):
        """Return the room after the next line."""
        match line.kind:
            case "created" if self.kind != "direct":
                return self._replace(roles={line.name: OWNER})
            case "joined":
                return self._replace(roles={**self.roles, line.name: MEMBER})
            case "parted":
                roles = {name: role for name, role in self.roles.items() if name != line.name}
                return self._replace(roles=roles)
            case "role":
                return self._replace(roles={**self.roles, line.name: line.text})
            case "access":
                return self._replace(kind="private" if line.text == "private" else "open")
            case "topic":
                return self._replace(topic=line.text)
            case "archived" | "reopened":
                return self._replace(archived=line.kind == "archived")
        return self

    def may_read(self, name):
        return self.kind == "open" or name in self.roles


class RoomHistory:
    """The log of a room besides the lobby, as a list of `SavedLine`, with the times of its lines.

    `kind` is that of the new room. `people` are those of a direct room, which no line names.
    """

    def __init__(self, room_id, kind, lines, times, people=()):
        self.room_id, self.lines, self.times = room_id, lines, times
        self.states = [RoomAt(kind, "", False, dict.fromkeys(people, MEMBER))]
        for line in lines:
            self.states.append(self.states[-1].after(line))

    @property
    def last(self):
        return len(self.lines)

    def loss(self, name, seq):
        """Return the number of the line after `seq` with which somebody loses the room, or None.

        A `parted` is a loss also in an open room, which they may open again.
        """
        for line in self.lines[seq:]:
            parted = line.kind == "parted" and line.name == name
            if parted or not self.states[line.seq].may_read(name):
                return line.seq
        return None

    def could_read(self, name, begin, end):
        """Return whether somebody could read the room at some moment between two times."""
        ends = [*self.times[1:], float("inf")]
        spans = zip(self.times, ends, self.states[1:], strict=True)
        return any(
            since <= end and until >= begin and state.may_read(name)
            for since, until, state in spans
        )

    def first_readable(self, name, seq):
        """Return the time from which on somebody could read the line `seq`, or None for never."""
        return self._first(seq, lambda state: state.may_read(name))

    def first_member(self, name, seq):
        """Return the time from which on somebody was a member when the line `seq` was there."""
        return self._first(seq, lambda state: name in state.roles)

    def _first(self, seq, holds):
        return next(
            (self.times[at - 1] for at in range(seq, self.last + 1) if holds(self.states[at])),
            None,
        )

    def changes_of(self, name):
        """Return (number, kind) of the lines that decide what somebody may read, for complaints."""
        return [
            (line.seq, line.kind)
            for line in self.lines
            if line.kind == "access" or (line.name == name and line.kind in ("joined", "parted"))
        ]

    def assert_sound(self):
        """Assert that the numbers have no gap, and that everybody who spoke was a member."""
        assert [line.seq for line in self.lines] == list(range(1, self.last + 1))
        for line in self.lines:
            before = self.states[line.seq - 1]
            if line.kind == "said":
                assert line.name in before.roles, f"{self.room_id}: said by no member: {line}"
                assert not before.archived, f"{self.room_id}: said when archived: {line}"
