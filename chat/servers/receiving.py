"""The data of a TCP connection that the application has not received yet."""

import asyncio
from collections.abc import Callable
from typing import Any

from chat.servers import sockets

Event = dict[str, Any]

# A connection may always have `RECEIVE_HIGH_WATER` bytes waiting for the application before reading
# from it pauses, and more while all connections together have less than `RECEIVE_TOTAL`. The end of
# a connection is noticed only after all that came before it was read or lies in the kernel's small
# buffer, so that much is read ahead.
RECEIVE_HIGH_WATER = 64 * 1024
RECEIVE_MAX = 4 * 1024 * 1024
RECEIVE_TOTAL = 64 * 1024 * 1024
EVENT_SIZE = 64 * 1024  # bytes of data in one event, at most
END_CHECK = 0.1  # seconds between looks for the end of a connection while reading pauses


class Received:
    """Data of one connection that the application has not received.

    Reading pauses while too much waits. Then asyncio does not notice the end of the connection, so
    the state of the socket is checked regularly. `ended()` is called once at the end.
    """

    __slots__ = (
        "_data",
        "_end_check",
        "_ended",
        "_ended_at",
        "_is_complete",
        "_is_connected",
        "_loop",
        "_transport",
        "_waiter",
    )

    total = 0  # bytes that wait for the application; all connections change it on the class

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        ended: Callable[[], None],
    ) -> None:
        self._transport = transport
        self._loop = loop
        self._ended = ended
        self._ended_at: float | None = None  # when the client's end of the connection was noticed
        self._data = bytearray()
        self._is_connected = False  # the application has received `tcp.connect`
        self._is_complete = False  # nothing more will come
        self._waiter: asyncio.Future[None] | None = (
            None  # a future that is pending while the application waits for an event
        )
        self._end_check: asyncio.TimerHandle | None = None  # a timer that runs while reading pauses

    def add(self, data: bytes) -> None:
        """Add data from the client."""
        self._data += data
        Received.total += len(data)
        self._wake()
        if self._end_check is None and self._is_full():
            self._transport.pause_reading()
            self._check_end()

    def end(self) -> None:
        """Note that nothing more will come."""
        self._is_complete = True
        self._stop_checking()
        self._note_end()
        self._wake()

    def discard(self) -> None:
        """Forget what waits, because the application has ended."""
        Received.total -= len(self._data)
        self._data.clear()
        self._stop_checking()

    def ended_for(self) -> float | None:
        """Return the seconds since the client has ended the connection; None while it has not."""
        return None if self._ended_at is None else self._loop.time() - self._ended_at

    async def next_event(self) -> Event:
        """Wait for the next event and return it."""
        if not self._is_connected:
            self._is_connected = True
            return {"type": "tcp.connect"}
        while not (self._data or self._is_complete):
            self._waiter = self._loop.create_future()
            await self._waiter
        return self._take() if self._data else {"type": "tcp.disconnect"}

    def _take(self):
        data = bytes(self._data[:EVENT_SIZE])
        del self._data[:EVENT_SIZE]
        Received.total -= len(data)
        if self._end_check is not None and not self._is_full():
            self._stop_checking()
            if not self._transport.is_closing():
                self._transport.resume_reading()
        return {"type": "tcp.receive", "data": data}

    def _is_full(self):
        size = len(self._data)
        return size > RECEIVE_HIGH_WATER and (size > RECEIVE_MAX or Received.total > RECEIVE_TOTAL)

    def _check_end(self):
        """Look whether the client has ended the connection; otherwise schedule the next check."""
        state = sockets.tcp_state(self._transport.get_extra_info("socket"))
        if state == sockets.CLOSED:
            self._transport.abort()
        elif state == sockets.CLOSED_BY_PEER:
            self._note_end()
        self._end_check = self._loop.call_later(END_CHECK, self._check_end)

    def _stop_checking(self):
        if self._end_check is not None:
            self._end_check.cancel()
            self._end_check = None

    def _note_end(self):
        if self._ended_at is None:
            self._ended_at = self._loop.time()
            self._ended()

    def _wake(self):
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
