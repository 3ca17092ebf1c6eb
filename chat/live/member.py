"""A member: one living connection in the room, whatever protocol it speaks."""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from chat.live.database import Database
from chat.live.encoding import first_fitting, last_fitting
from chat.live.follower import Follower
from chat.live.group_commit import GroupCommit
from chat.models import Line
from chat.room import log
from chat.room.refusal import Refused
from chat.room.transcript import Said, Saying
from chat.wire.commands import History, Say

NEWEST_LINES = 50  # that a newcomer is sent
RESUMABLE_LINES = 500  # that a returning member is sent at most; with more they begin anew


class CloseReason(Enum):
    """Why the server closes a connection."""

    LOGOUT = "logout"  # the member asked to leave
    SIGN_IN = "sign in"  # nobody is signed in, or the login session has ended
    REMOVED = "removed"  # somebody disconnected the member
    SLOW = "slow"  # the client lags further than the tail remembers, or takes nothing
    RESTART = "restart"  # the server stops
    TOO_MANY = "too many"  # the process has no more sockets
    ERROR = "error"  # our fault


class Opening(NamedTuple):
    """What a client is sent first: encoded people and lines, as they are at the line `seq`.

    `reset` is true when the client asked to resume, but has to begin anew.
    """

    seq: int
    people: bytes
    lines: list[bytes]
    reset: bool


class Page(NamedTuple):
    """Encoded lines of the history, oldest first; `more` when there are older ones."""

    lines: list[bytes]
    more: bool


class Member:
    """A member in the room: made by `Members.enter`, ended by `Members.leave` or `linger`.

    `close(reason)` is the consumer's function that starts to close the connection; it does not wait
    and is called once at most.
    """

    def __init__(
        self,
        connection_id: int,
        name: str,
        *,
        follower: Follower,
        says: GroupCommit,
        database: Database,
        close: Callable[[CloseReason], None],
        session_key: str = "",
    ) -> None:
        self.id = connection_id
        self.name = name
        self.session_key = session_key
        self.follower = follower
        self._says = says
        self._database = database
        self._close = close

    @property
    def room_id(self) -> int:
        return self.follower.tail.room_id

    @property
    def ended(self) -> bool:
        """Whether the member has left or was ended, so that nothing more is done for it."""
        return self.follower.stopped

    def end(self, reason: CloseReason) -> None:
        """End the member from our side. On a restart the lines that are there are still sent."""
        if not self.ended:
            self.follower.stop(drain=reason is CloseReason.RESTART)
            self._close(reason)

    # Beginning

    async def opening(self, after: int | None) -> Opening:
        """Return what the client is sent first; `after` is the last line that it has seen.

        Lines that do not fit into one batch follow when the follower begins at `Opening.seq`.
        """
        tail = self.follower.tail
        await tail.reach(self.follower.cursor)
        last = tail.recent.seen
        if after is not None and self._can_resume(after):
            encoded = first_fitting(self._encode(tail.recent.between(after, last)))
            seq, reset = after + len(encoded), False
        else:
            encoded = last_fitting(self._encode(tail.recent.between(last - NEWEST_LINES, last)))
            seq, reset = last, after is not None
        people = tail.encoder.encode_people(self.follower.wire, seq)
        return Opening(seq=seq, people=people, lines=encoded, reset=reset)

    def _can_resume(self, after):
        recent = self.follower.tail.recent
        return recent.seen - RESUMABLE_LINES <= after <= recent.seen and recent.oldest - 1 <= after

    def follow(self, seq: int) -> None:
        """Send what comes after the line `seq` from now on."""
        self.follower.follow(seq)

    # Commands

    async def say(self, command: Say) -> Said:
        """Save what the member says, and wait until it has come back to them.

        In the result `again` is true when a retry repeats something that this connection has seen
        already and therefore needs an answer of its own. Raises `Refused`, and `Unavailable` when
        it could not be saved.
        """
        result = await self._says.submit(Saying(self.id, command.text, command.client_id))
        if isinstance(result, Refused):
            raise result
        seen_before = result.again and result.seq <= self.follower.cursor
        await self.follower.delivered(result.seq)
        return result._replace(again=seen_before)

    async def look(self) -> tuple[int, bytes]:
        """Return the people in the room, encoded, at the last line that this member was sent."""
        seq = self.follower.cursor
        await self.follower.tail.reach(seq)
        return seq, self.follower.tail.encoder.encode_people(self.follower.wire, seq)

    async def history(self, command: History) -> Page:
        """Return the lines before a number. Raises `Unavailable`."""
        before = min(command.before or 0, self.follower.cursor + 1)
        first = max(before - command.limit, 1)
        lines = self.follower.tail.recent.between(first - 1, before - 1)
        if len(lines) < min(command.limit, before - 1):
            lines = await self._database.read_for_member(
                log.before, self.room_id, before, command.limit
            )
        encoded = self._encode(lines)
        fitting = last_fitting(encoded)
        has_older = bool(lines) and lines[0].seq > 1
        return Page(lines=fitting, more=has_older or len(fitting) < len(encoded))

    async def messages(self, limit: int) -> list[Line]:
        """Return the newest messages that this member was sent. Raises `Unavailable`."""
        return await self._database.read_for_member(
            log.messages_until, self.room_id, self.follower.cursor, limit
        )

    def _encode(self, lines):
        return self.follower.tail.encoder.encode(self.follower.wire, lines)
