"""A cursor into a room's log, and the task that sends the lines after it."""

import asyncio
import logging
import time
from collections.abc import Sequence

from chat.live import eager, timing
from chat.live.cork import cork
from chat.live.outlet import Outlet
from chat.live.tail import Tail
from chat.models import Line
from chat.wire.interface import Event, Wire

logger = logging.getLogger(__name__)


class Follower:
    """Sends the lines of one tail to one client, each once and in order."""

    __slots__ = (
        "_awaited",
        "_is_draining",
        "_outlet",
        "_sending",
        "_waits_until",
        "blocked_since",
        "cursor",
        "stopped",
        "tail",
        "wire",
    )

    takes_turns = False  # whether nothing is sent while something else waits for the client

    def __init__(self, tail: Tail, cursor: int, outlet: Outlet, *, wire: Wire) -> None:
        self.tail = tail
        self.cursor = cursor
        self.wire = wire
        self.stopped = False
        self.blocked_since: float | None = None  # by the monotonic clock, while a send waits
        self._is_draining = False  # stopped, but still sends the lines that are there
        self._outlet = outlet
        self._sending: asyncio.Task[None] | None = None
        self._waits_until = 0  # the last line of a batch that waits or is held back
        self._awaited: tuple[int, asyncio.Future[None]] | None = None

    @property
    def end_of_sent(self) -> int:
        """The last line that the client was sent, or is sent once it has taken what waits."""
        return self._waits_until or self.cursor

    def follow(self, cursor: int) -> None:
        """Send what comes after a cursor from now on; the cursor may be ahead of the tail.

        Does nothing when the follower was stopped meanwhile.
        """
        if self.stopped:
            return
        self.cursor = cursor
        self.tail.followers[self] = None
        self.step()

    def step(self) -> None:
        """Send what lies between the cursor and the end, unless an earlier send still waits."""
        # This runs for each member and batch, so it calls little.
        tail, outlet = self.tail, self._outlet
        recent = tail.recent
        while self.cursor < recent.seen and (not self.stopped or self._is_draining):
            if self.takes_turns and outlet.waiting:
                return
            if self.cursor < recent.oldest - 1:
                outlet.on_lag()
                return
            if self._waits_until:
                return
            events, end = tail.encoder.batch(self.wire, self.cursor)
            if cork.is_in_place:
                if not outlet.held:
                    cork.outlets.append(outlet)
                outlet.held[self] = events
                self._waits_until = end
            else:
                self._send_batch(events, end)

    def fail(self) -> None:
        """End the member because of an error in `step`."""
        self._outlet.on_error()

    def look_at_access(self, line: Line) -> None:
        """Look at a line that has changed who may read the room. Nobody loses the lobby."""

    # Sending

    def _send_batch(self, events, end):
        try:
            waiting = self._outlet.write(events)
        except OSError:
            self.stop()  # the client has gone; a disconnect event follows
            return
        if waiting:
            self._send_waiting(waiting, end)
        else:
            self._sent(end)

    def _send_waiting(self, events, end):
        self._sending = eager.start(self._send_all(events))
        if self._sending is None:
            self._sent(end)
        else:
            self._block(self._sending, end)

    def _block(self, sending, end):
        self.blocked_since = time.monotonic()
        self._waits_until = end
        self._outlet.waiting += 1
        sending.add_done_callback(self._unblocked)

    async def _send_all(self, events):
        for event in events:
            if self.stopped and not self._is_draining:
                break
            try:
                await self._outlet.send(event)
            except OSError:  # the client has gone; a disconnect event follows
                self.stop()

    def _unblocked(self, task):
        self.blocked_since = None
        self._outlet.waiting -= 1
        if task.cancelled():  # the event loop ends before the client has read everything
            return
        try:
            task.result()
            self._sent(self._waits_until)
            if self._outlet.on_unblocked is not None:
                self._outlet.on_unblocked()
            self.step()
        except Exception:
            logger.exception("A connection ended by an error while it was sent lines")
            self.fail()

    def _sent(self, end):
        self.cursor = end
        self._waits_until = 0
        if self._awaited is not None and self._awaited[0] <= end:
            self._answer_waiter()

    def note_written(self) -> None:
        """Go on after a batch that was held back, and is written now."""
        end, self._waits_until = self._waits_until, 0
        self.cursor = end  # and not `_sent`, which would be one more call for each delivery
        if self._awaited is not None and self._awaited[0] <= end:
            self._answer_waiter()
        if end < self.tail.recent.seen:
            self.step()

    def send_rest(self, events: Sequence[Event], written: int) -> None:
        """Send a batch that was held back, of which the client has taken so many events."""
        end, self._waits_until = self._waits_until, 0
        # A batch of which nothing was taken is not kept: `step` makes it when its turn has come.
        if written == len(events):
            self._sent(end)
        elif written:
            self._send_waiting(events[written:], end)
        self.step()

    def has_sent_text(self, after: int) -> bool:
        """Return whether the client was sent something for the lines after a number.

        Lines that clients of this wire do not see are sent as nothing.
        """
        if self.blocked_since is not None or after < self.tail.recent.oldest - 1:
            return True
        lines = self.tail.recent.between(after, self.cursor)
        return any(self.tail.encoder.encode(self.wire, lines))

    # Waiting

    async def wait_delivered(self, seq: int) -> None:
        """Wait until the line `seq` has been sent, or the follower has stopped."""
        if seq > self.cursor and not self.stopped:
            future = asyncio.get_running_loop().create_future()
            self._awaited = (seq, future)
            if seq > self.tail.recent.seen:
                self.tail.ring()
            await future

    async def wait_drained(self) -> None:
        """Wait until everything that is there has been sent, but at most `timing.DRAIN_WITHIN`."""
        deadline = time.monotonic() + timing.DRAIN_WITHIN
        while self._sending is not None and self.blocked_since is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            await asyncio.wait([self._sending], timeout=left)
            await asyncio.sleep(0)  # the end of one send starts the next

    def is_stuck(self, now: float) -> bool:
        """Return whether the client has taken nothing for too long, by the monotonic clock."""
        return self.blocked_since is not None and now - self.blocked_since > timing.BLOCKED_TOO_LONG

    def stop(self, *, drain: bool = False) -> None:
        """Stop following. With `drain` the lines that are there are still sent."""
        self.stopped, self._is_draining = True, drain
        self.tail.followers.pop(self, None)
        self._answer_waiter()

    def _answer_waiter(self):
        if self._awaited is not None:
            _, future = self._awaited
            self._awaited = None
            if not future.done():
                future.set_result(None)
