"""A cursor into a room's log, and the task that sends the lines after it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from chat.live import eager, timing
from chat.live.tail import Tail
from chat.models import Line
from chat.wire.interface import Event, Wire

logger = logging.getLogger(__name__)


class Follower:
    """Sends the lines of one tail to one client, each once and in order.

    `send(event)` is the consumer's coroutine function. `write(events)`, which some servers have,
    sends at once and returns the events that have to wait. `on_lag()` is called when the client
    lags further than the tail remembers, `on_error()` after an error of ours, and `on_unblocked()`
    when the client has taken what waited.
    """

    __slots__ = (
        "_awaited",
        "_is_draining",
        "_on_lag",
        "_on_unblocked",
        "_send",
        "_sending",
        "_sending_to",
        "_write",
        "blocked_since",
        "cursor",
        "fail",
        "stopped",
        "tail",
        "wire",
    )

    def __init__(
        self,
        tail: Tail,
        cursor: int,
        *,
        wire: Wire,
        send: Callable[[Event], Awaitable[None]],
        write: Callable[[Sequence[Event]], Sequence[Event]] | None = None,
        on_lag: Callable[[], None],
        on_error: Callable[[], None],
        on_unblocked: Callable[[], None] | None = None,
    ) -> None:
        self.tail = tail
        self.cursor = cursor
        self.wire = wire
        self.stopped = False
        self.blocked_since: float | None = None  # by the monotonic clock, while a send waits
        self._is_draining = False  # stopped, but still sends the lines that are there
        self._send = send
        self._write = write or _leave_all
        self._on_lag = on_lag
        self.fail = on_error  # for the tail, after an error in `step`
        self._on_unblocked = on_unblocked
        self._sending: asyncio.Task[None] | None = None
        self._sending_to = cursor  # the last line of the batch that waits
        self._awaited: tuple[int, asyncio.Future[None]] | None = None

    @property
    def end_of_sent(self) -> int:
        """The last line that the client was sent, or is sent once it has taken what waits."""
        return self.cursor if self.blocked_since is None else self._sending_to

    def follow(self, cursor: int) -> None:
        """Send what comes after a cursor from now on; the cursor may be ahead of the tail.

        Does nothing when the follower was stopped meanwhile.
        """
        if self.stopped:
            return
        self.cursor = cursor
        self.tail.followers.add(self)
        self.step()

    def step(self) -> None:
        """Send what lies between the cursor and the end, unless an earlier send still waits."""
        recent, encoder = self.tail.recent, self.tail.encoder
        while (not self.stopped or self._is_draining) and self.cursor < recent.seen:
            if self.cursor < recent.oldest - 1:
                self._on_lag()
                return
            if self.blocked_since is not None:
                return
            self._send_batch(*encoder.batch(self.wire, self.cursor))

    def look_at_access(self, line: Line) -> None:
        """Look at a line that has changed who may read the room. Nobody loses the lobby."""

    def _send_batch(self, events, end):
        try:
            waiting = self._write(events)
        except OSError:
            self.stop()  # the client has gone; a disconnect event follows
            return
        self._sending = eager.start(self._send_all(waiting)) if waiting else None
        if self._sending is None:
            self._sent(end)
        else:
            self._block(self._sending, end)

    def _block(self, sending, end):
        self.blocked_since = time.monotonic()
        self._sending_to = end
        sending.add_done_callback(self._unblocked)

    async def _send_all(self, events):
        for event in events:
            if self.stopped and not self._is_draining:
                break
            try:
                await self._send(event)
            except OSError:  # the client has gone; a disconnect event follows
                self.stop()

    def _unblocked(self, task):
        self.blocked_since = None
        if task.cancelled():  # the event loop ends before the client has read everything
            return
        try:
            task.result()
            self._sent(self._sending_to)
            if self._on_unblocked is not None:
                self._on_unblocked()
            self.step()
        except Exception:
            logger.exception("A connection ended by an error while it was sent lines")
            self.fail()

    def _sent(self, end):
        self.cursor = end
        if self._awaited is not None and self._awaited[0] <= end:
            self._answer_waiter()

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
        self.tail.followers.discard(self)
        self._answer_waiter()

    def _answer_waiter(self):
        if self._awaited is not None:
            _, future = self._awaited
            self._awaited = None
            if not future.done():
                future.set_result(None)


def _leave_all(events):
    """Stand in for `write` where the server has none: all events are left to `send`."""
    return events
