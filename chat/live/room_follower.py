"""A cursor into the log of a room besides the lobby."""

from typing import NamedTuple, Protocol

from chat.live.follower import Follower
from chat.live.outlet import Outlet
from chat.live.tail import Tail
from chat.models import Line
from chat.room.summaries import RoomSummary
from chat.wire.interface import Wire


class RoomReader(NamedTuple):
    """The person behind a connection: an account, or a guest by name."""

    user_id: int | None
    name: str

    def is_named_by(self, line: Line) -> bool:
        """Return whether a line is about this person."""
        if self.user_id is None:
            return line.guest and line.name == self.name
        return line.author_id == self.user_id

    def is_concerned_by(self, line: Line) -> bool:
        """Return whether a line may change what this person may read."""
        return line.kind == "access" or self.is_named_by(line)


class FollowedRooms(Protocol):
    """The state that the followers of one connection share.

    While one of them waits for the client, the others send nothing, so that a slow client has one
    batch in memory and not one for each room.
    """

    reader: RoomReader
    blocked: "RoomFollower | None"  # the last follower that had to wait

    def lose(self, follower: "RoomFollower", *, told: bool) -> None:
        """Forget a follower whose room the person may not read any more.

        `told` says that the person is told in another way.
        """


class RoomFollower(Follower):
    """Sends the lines of a room besides the lobby, as long as its person may read them.

    `summary` is that of the room for this person.
    """

    __slots__ = ("_is_member", "_readable_until", "_rooms", "slug")

    takes_turns = True

    def __init__(
        self,
        tail: Tail,
        outlet: Outlet,
        rooms: FollowedRooms,
        summary: RoomSummary,
        *,
        wire: Wire,
    ) -> None:
        super().__init__(tail, tail.recent.seen, outlet, wire=wire)
        self.slug = summary.slug
        self._rooms = rooms
        self._is_member = summary.role is not None
        self._readable_until = tail.recent.seen  # the person may read the room up to this line

    @property
    def is_view(self) -> bool:
        """Whether the person looks at the room without being a member."""
        return not self._is_member

    @property
    def may_still_read(self) -> bool:
        """Whether the person has not lost the room up to the end of the tail.

        Once it follows the tail, the follower is told.
        """
        for line in self.tail.recent.access_lines(self._readable_until):
            self._note_joining(line)
            if self._is_loss(line):
                return False
        return not self.stopped

    def _block(self, sending, end):
        super()._block(sending, end)
        self._rooms.blocked = self

    def look_at_access(self, line: Line) -> None:
        self._note_joining(line)
        if self._is_loss(line):
            self.stop()
            self._rooms.lose(self, told=line.kind == "parted")

    def _note_joining(self, line):
        if line.kind == "joined" and self._rooms.reader.is_named_by(line):
            self._is_member = True

    def _is_loss(self, line):
        """Return whether the person may not read the room after a line that changes access.

        A guest is never a member. A line `access` says in its text who may read the room.
        """
        if line.kind == "access":
            is_guest = self._rooms.reader.user_id is None
            return not self._is_member and (line.text == "private" or is_guest)
        return line.kind == "parted" and self._rooms.reader.is_named_by(line)
