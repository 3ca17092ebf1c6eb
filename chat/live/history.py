"""The history of a room for one member: when they connect, and page by page."""

from collections.abc import Callable
from typing import Any, NamedTuple

from chat.live.database import Database
from chat.live.encoding import first_fitting, last_fitting
from chat.live.follower import Follower
from chat.models import Line
from chat.room import excerpts, folding, log
from chat.room.excerpts import Excerpt, Run
from chat.wire.commands import History

NEWEST_LINES = 50  # sent to a newcomer, unless only messages count
RESUMABLE_LINES = 500  # sent to a returning member at most; if more follow, they begin again


class Opening(NamedTuple):
    """The first data for a client: encoded people and lines, as they are at the line `seq`.

    `reset` is true when the client asked to resume, but has to begin again. If only messages count,
    `missed` is then the number of messages in between, and `skipped` are the runs that were left
    out.
    """

    seq: int
    people: bytes
    lines: list[bytes]
    reset: bool = False
    skipped: list[Run] | None = None
    missed: int | None = None


class Page(NamedTuple):
    """Encoded lines of the history, oldest first; `more` when there are more in that direction.

    `skipped` are the runs that were left out, if only messages count.
    """

    lines: list[bytes]
    more: bool
    skipped: list[Run] | None = None


class HistoryReader:
    """Reads the history of a follower's room, up to the cursor of the follower."""

    def __init__(self, follower: Follower, database: Database) -> None:
        self._follower = follower
        self._database = database

    # The opening

    async def opening(self, after: int | None, *, count_messages: bool) -> Opening:
        """Return what the client is sent first; `after` is the last line that it has seen.

        Lines that do not fit into one batch follow when the follower begins at `Opening.seq`.
        Raises `Unavailable`.
        """
        if self._follower in self._follower.tail.followers:  # it has begun
            return await self._reopening(after, count_messages)
        tail = self._follower.tail
        await tail.reach(self._follower.cursor)
        if after is not None and self._can_resume(after):
            lines = first_fitting(self._encode(tail.recent.between(after, tail.recent.seen)))
            return self._opening(after + len(lines), lines, skipped=[] if count_messages else None)
        if count_messages:
            return await self._opening_of_messages(after)
        last = tail.recent.seen
        lines = last_fitting(self._encode(tail.recent.between(last - NEWEST_LINES, last)))
        return self._opening(last, lines, reset=after is not None)

    async def _reopening(self, after: int | None, count_messages: bool) -> Opening:
        """Return the same for a follower that has begun, up to its cursor."""
        tail, seq = self._follower.tail, self._follower.cursor
        await tail.reach(seq)
        if after is not None and after <= seq and self._can_resume(after):
            encoded = self._encode(tail.recent.between(after, seq))
            if len(first_fitting(encoded)) == len(encoded):
                return self._opening(seq, encoded, skipped=[] if count_messages else None)
        newest = History(NEWEST_LINES, before=seq + 1, count_messages=count_messages)
        page = await self.page(newest)
        return self._opening(seq, page.lines, reset=after is not None, skipped=page.skipped)

    def _can_resume(self, after: int) -> bool:
        recent = self._follower.tail.recent
        return recent.seen - RESUMABLE_LINES <= after <= recent.seen and recent.oldest - 1 <= after

    async def _opening_of_messages(self, after: int | None) -> Opening:
        newest = self._follower.tail.newest.excerpt()
        lines, skipped = self._last_fitting(newest)
        missed = None
        if after is not None and 0 <= after < newest.last:
            begin = newest.lines[-len(lines)].seq if lines else newest.first
            missed = await self._database.read_for_member(
                excerpts.count_missed, self._room_id, after, begin, newest.last
            )
        return self._opening(
            newest.last, lines, reset=after is not None, skipped=skipped, missed=missed
        )

    def _opening(self, seq: int, lines: list[bytes], **fields: Any) -> Opening:
        people = self._follower.tail.encoder.encode_people(self._follower.wire, seq)
        return Opening(seq=seq, people=people, lines=lines, **fields)

    # Pages

    async def page(self, command: History) -> Page:
        """Return the lines before or after a number. Raises `Unavailable`."""
        if command.count_messages:
            return await self._page_of_messages(command)
        if command.after is not None:
            return await self._lines_after(command.after, command.limit)
        return await self._lines_before(command.before or 0, command.limit)

    async def _lines_before(self, before: int, limit: int) -> Page:
        before = min(before, self._follower.cursor + 1)
        # One line more than was asked for shows whether there are more.
        lines = self._follower.tail.recent.between(before - limit - 2, before - 1)
        begins_log = bool(lines) and lines[0].seq == 1
        if len(lines) <= limit and not begins_log:
            lines = await self._read(log.before, before, limit + 1)
        encoded = self._encode(lines[-limit:])
        fitting = last_fitting(encoded)
        return Page(lines=fitting, more=len(fitting) < len(lines))

    async def _lines_after(self, after: int, limit: int) -> Page:
        cursor = self._follower.cursor
        found = await self._read(log.after, after, limit)
        lines = [line for line in found if line.seq <= cursor]
        fitting = first_fitting(self._encode(lines))
        return Page(lines=fitting, more=bool(fitting) and lines[len(fitting) - 1].seq < cursor)

    async def _page_of_messages(self, command: History) -> Page:
        cursor = self._follower.cursor
        if command.after is not None:
            excerpt = await self._read_excerpt(excerpts.after, command.after, cursor, command.limit)
            lines, skipped = self._first_fitting(excerpt)
            complete = len(lines) == len(excerpt.lines)
            return Page(lines=lines, skipped=skipped, more=not complete or excerpt.more)
        before = min(command.before or 0, cursor + 1)
        excerpt = await self._read_excerpt(excerpts.before, before, command.limit)
        lines, skipped = self._last_fitting(excerpt)
        complete = len(lines) == len(excerpt.lines)
        return Page(lines=lines, skipped=skipped, more=not complete or excerpt.more)

    async def messages(self, limit: int) -> list[Line]:
        """Return the newest messages up to the cursor. Raises `Unavailable`."""
        return await self._read(log.messages_until, self._follower.cursor, limit)

    # Reading

    async def _read(self, read: Callable[..., list[Line]], *arguments: int) -> list[Line]:
        """Return lines from the database as they are after all lines that are in memory.

        The client may have been sent changes of them while they were read.
        """
        recent = self._follower.tail.recent
        seen = recent.seen
        found = await self._database.read_for_member(read, self._room_id, *arguments)
        return folding.up_to_date(found, recent.between(seen, recent.seen))

    async def _read_excerpt(self, read: Callable[..., Excerpt], *arguments: int) -> Excerpt:
        """Do the same for an excerpt."""
        recent = self._follower.tail.recent
        seen = recent.seen
        found = await self._database.read_for_member(read, self._room_id, *arguments)
        later = recent.between(seen, recent.seen)
        return found._replace(lines=folding.up_to_date(found.lines, later))

    # Encoding

    def _first_fitting(self, excerpt: Excerpt) -> tuple[list[bytes], list[Run]]:
        """Return the first lines of an excerpt that fit into one batch, and the runs among them."""
        encoded = self._encode(excerpt.lines)
        fitting = first_fitting(encoded)
        if len(fitting) == len(encoded):
            return encoded, excerpt.skipped
        end = excerpt.lines[len(fitting)].seq
        return fitting, [run for run in excerpt.skipped if run.last < end]

    def _last_fitting(self, excerpt: Excerpt) -> tuple[list[bytes], list[Run]]:
        """Return the last lines of an excerpt that fit into one batch, and the runs among them."""
        encoded = self._encode(excerpt.lines)
        fitting = last_fitting(encoded)
        if len(fitting) == len(encoded):
            return encoded, excerpt.skipped
        begin = excerpt.lines[-len(fitting)].seq
        return fitting, [run for run in excerpt.skipped if run.first > begin]

    def _encode(self, lines: list[Line]) -> list[bytes]:
        return self._follower.tail.encoder.encode(self._follower.wire, lines)

    @property
    def _room_id(self) -> int:
        return self._follower.tail.room_id
