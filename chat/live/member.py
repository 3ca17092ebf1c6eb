"""A member: one living connection in the room, with either protocol."""

from collections.abc import Callable
from enum import Enum

from chat.live.database import Database
from chat.live.follower import Follower
from chat.live.group_commit import GroupCommit
from chat.live.history import HistoryReader, Opening, Page
from chat.models import Line
from chat.room.refusal import Refused
from chat.room.transcript import Said, Saying
from chat.wire.commands import History, Say


class CloseReason(Enum):
    """Why the server closes a connection."""

    LOGOUT = "logout"  # the member asked to leave
    SIGN_IN = "sign in"  # nobody is signed in, or the login session has ended
    REMOVED = "removed"  # somebody disconnected the member
    SLOW = "slow"  # the client is further behind than the tail remembers, or reads nothing
    RESTART = "restart"  # the server stops
    TOO_MANY = "too many"  # the process has no more sockets
    ERROR = "error"  # our fault


class Member:
    """A member in the room. `Members.enter` creates it, `Members.leave` or `linger` ends it.

    `close(reason)` is the consumer's function that starts to close the connection; it does not wait
    and is called once at most.
    """

    def __init__(
        self,
        connection_id: int,
        name: str,
        *,
        follower: Follower,
        say_commit: GroupCommit,
        database: Database,
        close: Callable[[CloseReason], None],
        user_id: int | None = None,
        session_key: str = "",
    ) -> None:
        self.id = connection_id
        self.name = name
        self.user_id = user_id
        self.session_key = session_key
        self.follower = follower
        self._say_commit = say_commit
        self._history = HistoryReader(follower, database)
        self._close = close

    @property
    def room_id(self) -> int:
        return self.follower.tail.room_id

    @property
    def ended(self) -> bool:
        """Whether the member has left or was ended, so that nothing more is done for it."""
        return self.follower.stopped

    def end(self, reason: CloseReason) -> None:
        """End the member from our side. On a restart the lines in the tail are still sent."""
        if not self.ended:
            self.follower.stop(drain=reason is CloseReason.RESTART)
            self._close(reason)

    # Beginning

    async def opening(self, after: int | None, *, count_messages: bool = False) -> Opening:
        """Return what the client is sent first; see `HistoryReader`."""
        return await self._history.opening(after, count_messages=count_messages)

    def follow(self, seq: int) -> None:
        """Send what comes after the line `seq` from now on."""
        self.follower.follow(seq)

    # Commands

    async def say(self, command: Say) -> Said:
        """Save what the member says, and wait until they were sent the line.

        In the result `again` is true when the member repeats a message whose line this connection
        was sent before. Then the client needs a separate answer. Raises `Refused`, and
        `Unavailable` when it could not be saved.
        """
        result = await self._say_commit.submit(Saying(self.id, command.text, command.client_id))
        if isinstance(result, Refused):
            raise result
        seen_before = result.again and result.seq <= self.follower.cursor
        await self.follower.wait_delivered(result.seq)
        return result._replace(again=seen_before)

    async def look(self) -> tuple[int, bytes]:
        """Return the people in the room, encoded, at the last line that this member was sent."""
        seq = self.follower.cursor
        await self.follower.tail.reach(seq)
        return seq, self.follower.tail.encoder.encode_people(self.follower.wire, seq)

    async def history(self, command: History) -> Page:
        """Return a part of the history. Raises `Unavailable`."""
        return await self._history.page(command)

    async def messages(self, limit: int) -> list[Line]:
        """Return the newest messages that this member was sent. Raises `Unavailable`."""
        return await self._history.messages(limit)
