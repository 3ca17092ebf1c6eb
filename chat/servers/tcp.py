"""TCP connections as ASGI: a server that runs an application with the scope type "tcp".

The application receives `tcp.connect`, then `tcp.receive` (`data`: bytes), and finally
`tcp.disconnect`. It sends `tcp.send` (`data`: bytes) and `tcp.close` (`abort`: reset the connection
instead of flushing it). A connection that the client has half-closed is treated as closed after
everything that came before. This module knows nothing about chat.

The scope's extension "chatsite.write" is `TcpProtocol.write`, which sends without waiting. The
extension "chatsite.ended_for" is `Received.ended_for`, which tells the application, while it still
handles what came before, that the client has ended the connection.
"""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from random import random
from typing import Any

from chat.servers import sockets
from chat.servers.sockets import KEEPALIVE_IDLE, KEEPALIVE_INTERVAL

logger = logging.getLogger(__name__)

Event = dict[str, Any]
Application = Callable[..., Awaitable[None]]  # an ASGI application

# A connection may always have `RECEIVE_HIGH_WATER` bytes waiting for the application before reading
# from it pauses, and more while all connections together have less than `RECEIVE_TOTAL`. The end of
# a connection is noticed only after all that came before it was read or lies in the kernel's small
# buffer, so that much is read ahead.
RECEIVE_HIGH_WATER = 64 * 1024
RECEIVE_MAX = 4 * 1024 * 1024
RECEIVE_TOTAL = 64 * 1024 * 1024
EVENT_SIZE = 64 * 1024  # bytes of data in one event, at most
END_CHECK = 0.1  # seconds between looks for the end of a connection while reading pauses

SEND_HIGH_WATER = 256 * 1024  # bytes waiting for the client above which `send` waits

# Keepalive probes a connection only while nothing is unacknowledged. A line sent just before the
# probes would give up is subject to USER_TIMEOUT from then on, so a dead link would take up to 64 s
# to notice. A peer that has been silent for longer than this, in seconds, is therefore cut: even
# in a quiet room, it would have answered a keepalive probe by then.
SILENCE_LIMIT = KEEPALIVE_IDLE + KEEPALIVE_INTERVAL + 2
SILENCE_CHECK_SPREAD = 4  # seconds over which the checks of many connections are spread


async def serve(application: Application, host: str, port: int) -> asyncio.Server:
    """Listen at an address and run the application for each connection.

    Raises OSError when the address is not available.
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: TcpProtocol(application), host, port, backlog=1)
    for sock in server.sockets:
        sockets.set_tcp_options(sock)
        sockets.set_backlog(sock)
    return server


async def serve_on(application: Application, sock: socket.socket) -> asyncio.Server:
    """Run the application for each connection of a socket from `sockets.listen_tcp`."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: TcpProtocol(application), sock=sock, backlog=1)
    sockets.set_backlog(sock)
    return server


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


class TcpProtocol(asyncio.Protocol):
    """One connection: asyncio's callbacks on one side, ASGI events on the other."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.loop = asyncio.get_running_loop()
        self.lost = False  # nothing more can be sent to the client
        self.writable = None  # a future that is pending while the send buffer is full

    # asyncio's side

    def connection_made(self, transport):
        self.transport = transport
        self.received = Received(transport, self.loop, self._stop_waiting)
        transport.set_write_buffer_limits(high=SEND_HIGH_WATER)
        scope = {
            "type": "tcp",
            "asgi": {"version": "3.0"},
            "client": transport.get_extra_info("peername"),
            "server": transport.get_extra_info("sockname"),
            "extensions": {
                "chatsite.write": self.write,
                "chatsite.ended_for": self.received.ended_for,
            },
        }
        self.task = self.loop.create_task(self._run(scope))
        # A peer may have been silent for long already when its connection is accepted late, so the
        # first check waits until keepalive has probed it.
        self.silence_timer = self.loop.call_later(
            SILENCE_LIMIT + SILENCE_CHECK_SPREAD * random(), self._check_silence
        )

    def data_received(self, data):
        if not self.task.done():
            self.received.add(data)

    def eof_received(self):
        self.received.end()
        return True  # keep the transport open: the application may still answer what came before

    def connection_lost(self, exc):
        self.lost = True
        self.silence_timer.cancel()
        self.resume_writing()
        self.received.end()

    def _check_silence(self):
        """Cut a peer that has been silent for too long; otherwise schedule the next check."""
        silence = sockets.seconds_since_last_packet(self.transport.get_extra_info("socket"))
        if silence >= SILENCE_LIMIT:
            self.transport.abort()
        else:
            self.silence_timer = self.loop.call_later(
                SILENCE_LIMIT - silence + SILENCE_CHECK_SPREAD * random(), self._check_silence
            )

    def pause_writing(self):
        if self.writable is None:
            self.writable = self.loop.create_future()

    def resume_writing(self):
        self._stop_waiting()
        self.writable = None

    def _stop_waiting(self):
        """Let the application wait no longer for the client to read."""
        if self.writable is not None and not self.writable.done():
            self.writable.set_result(None)

    # The application's side

    async def _run(self, scope):
        try:
            await self.application(scope, self.received.next_event, self._send)
        except Exception:
            logger.exception("A TCP connection is closed after an error in the application")
        finally:
            self.received.discard()
            self._close(abort=False)

    def write(self, events: Sequence[Event]) -> Sequence[Event]:
        """Send `tcp.send` events without waiting; return those that have to wait, for `send`.

        Unlike `send`, it returns at once after the event that fills the send buffer.
        """
        for number, event in enumerate(events):
            if self.writable is not None:
                return events[number:]
            if not (self.lost or self.transport.is_closing()):
                self.transport.write(event["data"])
        return ()

    async def _send(self, event):
        if self.lost or self.transport.is_closing():
            return  # `tcp.disconnect` tells the application
        match event["type"]:
            case "tcp.send":
                await self._send_data(event["data"])
            case "tcp.close":
                self._close(event.get("abort", False))
            case unknown:
                raise ValueError(f"unknown event type {unknown!r} for a TCP connection")

    async def _send_data(self, data):
        has_ended = self.received.ended_for() is not None
        if self.writable is not None and has_ended:
            return  # what a client has not read when it closes is bounded by the send buffer
        self.transport.write(data)
        if self.writable is not None and not has_ended:
            await asyncio.shield(self.writable)

    def _close(self, abort):
        if abort:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.close()
