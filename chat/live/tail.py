"""The end of a room's log in this process: new rows are read once, and followers are stepped."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Protocol

from chat.live import shared_task
from chat.live.cork import cork
from chat.live.database import Database, Unavailable
from chat.live.encoding import Encoder
from chat.live.group_read import GroupRead
from chat.live.newest import NEWEST_MESSAGES, NewestMessages
from chat.live.recent import ACCESS, KEPT_LINES, LOSS, RecentLines
from chat.models import Line, Room
from chat.room import log, state
from chat.room.log import Counters
from chat.room.state import RoomState
from chatsite.logs.causes import describe

logger = logging.getLogger(__name__)

ROWS_PER_READ = 500
POSTPONABLE = {"entered", "left"}  # kinds of lines that may be sent later


class Steppable(Protocol):
    """The part of a follower that a tail needs."""

    def step(self) -> None:
        """Send what lies between the cursor and the end of the tail."""

    def fail(self) -> None:
        """End the member because of an error in `step`."""

    def look_at_access(self, line: Line) -> None:
        """Stop if a line says that the member may not read the room any more."""


class Tail:
    """Reads the new lines of one room, and steps the connections that follow it.

    `recent` has the newest lines, `encoder` their encoded forms, `newest` the newest messages.
    Reading and stepping depend on the same numbers, so one class does both and has more methods
    than others.

    The tail of the lobby has the people on the site, and begins with more lines than other tails.
    These begin with what `states` reads for many of them together.
    """

    def __init__(self, room_id: int, database: Database, states: GroupRead | None = None) -> None:
        self.room_id = room_id
        self._states = states
        self.recent = RecentLines(room_id)
        self.newest = NewestMessages()
        self.encoder = Encoder(self.recent)
        self.followers: dict[Steppable, None] = {}  # keys; a set takes twice the memory
        self.running: asyncio.Task[None] | None = None  # the task that reads
        self.closed = False  # nobody reads new lines any more
        self._database = database
        self._revision: int | None = 0  # None: all lines have to be read again
        self._rung = False
        self._expected = 0  # the largest number that the room's counter has shown
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._stepped = 0  # the number up to which followers were stepped
        self._pause_until = 0.0  # until then, other tasks have as much time as the last steps took
        self._timer: asyncio.TimerHandle | None = None  # steps the followers after the pause

    async def open(self) -> None:
        """Read the present state of the room. Raises `Unavailable`."""
        self._load(await self._read_state())

    async def _read_state(self):
        if self._states is None:
            limits = KEPT_LINES, NEWEST_MESSAGES
            return await self._database.read(state.read, self.room_id, *limits)
        found = await self._states.get(self.room_id)
        if found is None:
            raise Room.DoesNotExist(f"Room {self.room_id} does not exist.")
        return found

    def _load(self, room_state: RoomState) -> None:
        self.recent.load(room_state)
        self.newest.load(room_state.newest)
        self.encoder.clear()
        self._revision = room_state.counters.revision
        self._stepped = self.recent.seen

    @property
    def is_in_use(self) -> bool:
        """Whether somebody follows the room, or waits for a line of it."""
        return bool(self.followers or self._waiters) or self.running is not None

    def keep(self, count: int) -> None:
        """Keep so many lines in memory from now on."""
        self.recent.kept = count
        self._forget_old()

    # Reading

    def ring(self) -> None:
        """Read new lines, if there are any, and step the followers. May be called at any time."""
        self._rung = True
        if self.running is None:
            self.running = shared_task.start(self._read())

    def offer(self, lines: Sequence[Line]) -> None:
        """Take lines that were just saved here, unless others have to be read first.

        Those may also stand among these lines, because saying something may add other lines.
        """
        following = self.recent.seen + 1
        is_next = lines[0].seq == following and lines[-1].seq == following + len(lines) - 1
        if self._revision is not None and is_next:
            self._add(lines)
        else:
            self.ring()

    def compare(self, counters: Counters) -> None:
        """Ring if the room's counters show that a change was missed."""
        if counters.revision != self._revision:
            self._revision = None
            self.ring()
        elif counters.last_seq > self.recent.seen:
            self._expected = counters.last_seq
            self.ring()

    async def reach(self, seq: int) -> None:
        """Wait until the line `seq` is in memory."""
        if seq > self.recent.seen:
            future = asyncio.get_running_loop().create_future()
            self._waiters.append((seq, future))
            self.ring()
            await future

    async def _read(self):
        try:
            while self._rung:
                self._rung = False
                if self._revision is None:
                    await self._read_everything()
                else:
                    await self._read_new_lines()
        except Unavailable as error:
            logger.warning("Room %s cannot be read now: %s", self.room_id, describe(error))
        except Exception:
            logger.exception("Room %s cannot be read", self.room_id)
        finally:
            self.running = None

    async def _read_everything(self):
        seen = self.recent.seen
        self._load(await self._read_state())
        for line in self.recent.access_lines(seen):
            self._change_access(line)
        self._step_followers()

    async def _read_new_lines(self):
        seen = self.recent.seen
        found = await self._database.read(log.after, self.room_id, seen, ROWS_PER_READ)
        if len(found) == ROWS_PER_READ:
            self._rung = True
        # Some of them may have been offered meanwhile.
        lines = [line for line in found if line.seq > self.recent.seen]
        if self._lacks_deleted(lines):
            logger.warning(
                "Room %s: lines after %s were deleted unread", self.room_id, self.recent.seen
            )
            await self._read_everything()
        elif lines:
            self._add(lines)

    def _lacks_deleted(self, lines):
        """Return whether lines were deleted between those in memory and these next ones.

        Commits follow the order of the numbers, so a number that is missing does not come later.
        """
        following = self.recent.seen + 1
        return lines[0].seq > following if lines else self._expected >= following

    def _add(self, lines):
        """Add the next lines, and step the followers.

        A line that changes who may read the room is the last one that those who lose it are sent.
        """
        begin = 0
        for end, line in enumerate(lines, 1):
            if line.kind in LOSS:
                self._add_part(lines[begin:end])
                begin = end
        if begin < len(lines):
            self._add_part(lines[begin:])

    def _add_part(self, lines):
        if self.recent.seen + len(lines) - self._stepped > self.recent.kept:
            self._step_followers()  # before lines that they have not been sent are forgotten
            cork.flush()
        changed = self.recent.add(lines)
        self.newest.add(lines)
        self.encoder.forget(changed)
        if all(line.kind in POSTPONABLE for line in lines):
            self._step_followers_after_pause()
        else:
            self._step_followers()
        for line in lines:
            if line.kind in ACCESS:
                self._change_access(line)
        if len(lines) > self.recent.kept:
            cork.flush()  # otherwise those to whom it holds back lines would lag
        self._forget_old()

    def _forget_old(self):
        if forgotten := self.recent.forget_old():
            self.encoder.forget(forgotten)

    # Access

    def _change_access(self, line):
        cork.flush()  # followers are sent the lines before this one
        for follower in list(self.followers):
            follower.look_at_access(line)

    # Stepping the followers

    def _step_followers_after_pause(self):
        """Step followers for `entered` and `left` lines, after a pause as long as the last steps.

        When thousands of members enter together, each entering is announced to all. Without the
        pause this would take all the time of the process, and nobody else could enter.
        """
        pause = self._pause_until - time.monotonic()
        if pause <= 0:
            self._step_followers()
        else:
            self._answer_waiters()
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(pause, self._step_followers)

    def flush(self) -> None:
        """Step the followers now for lines that wait, because the process is about to stop."""
        if self._timer is not None:
            self._step_followers()

    def _step_followers(self):
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        started, self._stepped = time.monotonic(), self.recent.seen
        for follower in list(self.followers):
            try:
                follower.step()
            except Exception:
                logger.exception("A connection ended by an error while it was sent lines")
                follower.fail()
        ended = time.monotonic()
        self._pause_until = ended + (ended - started)
        self._answer_waiters()

    def _answer_waiters(self):
        due = [future for seq, future in self._waiters if seq <= self.recent.seen]
        self._waiters = [waiter for waiter in self._waiters if waiter[0] > self.recent.seen]
        for future in due:
            if not future.done():
                future.set_result(None)
