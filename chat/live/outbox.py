"""Events for one client that stand beside the lines, such as notices about rooms."""

import asyncio
import logging
import time
from collections.abc import Hashable

from chat.live import eager, timing
from chat.live.outlet import Outlet
from chat.wire.interface import Event

logger = logging.getLogger(__name__)


class Outbox:
    """Sends the newest event of each key as soon as the client takes it.

    An event replaces an earlier one of the same key that still waits, so the number of keys bounds
    what waits for a slow client. Nothing is sent while something else waits for the client.
    """

    __slots__ = (
        "_due",
        "_outlet",
        "_sending",
        "_stopped",
        "blocked_since",
    )

    def __init__(self, outlet: Outlet) -> None:
        self.blocked_since: float | None = None  # by the monotonic clock, while a send waits
        self._stopped = False
        self._due: dict[Hashable, Event] = {}
        self._sending: asyncio.Task[None] | None = None
        self._outlet = outlet

    def put(self, key: Hashable, event: Event) -> None:
        """Send an event soon, after those that wait."""
        self._due.pop(key, None)
        self._due[key] = event
        self.flush()

    def flush(self) -> None:
        """Send what waits, unless the client has to take something else before."""
        if not self._due or self._stopped or self._outlet.waiting:
            return
        events, self._due = list(self._due.values()), {}
        try:
            waiting = self._outlet.write(events)
        except OSError:
            self.stop()  # the client has gone; a disconnect event follows
            return
        self._sending = eager.start(self._send_all(waiting)) if waiting else None
        if self._sending is not None:
            self.blocked_since = time.monotonic()
            self._outlet.waiting += 1
            self._sending.add_done_callback(self._unblocked)

    async def _send_all(self, events):
        for event in events:
            if self._stopped:
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
            if self._outlet.on_unblocked is not None:
                self._outlet.on_unblocked()
        except Exception:
            logger.exception("A connection ended by an error while it was sent a notice")
            self._outlet.on_error()

    def is_stuck(self, now: float) -> bool:
        """Return whether the client has taken nothing for too long, by the monotonic clock."""
        return self.blocked_since is not None and now - self.blocked_since > timing.BLOCKED_TOO_LONG

    async def wait_drained(self) -> None:
        """Wait until the client has taken what it was sent."""
        if self._sending is not None and self.blocked_since is not None:
            await asyncio.wait([self._sending])
            await asyncio.sleep(0)  # the end of one send starts the next

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        self._due.clear()
