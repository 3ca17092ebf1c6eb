"""TCP connections as ASGI: a server that runs an application with the scope type "tcp".

The application receives `tcp.connect`, then `tcp.receive` (`data`: bytes), and finally
`tcp.disconnect`. It sends `tcp.send` (`data`: bytes) and `tcp.close`. A connection that the client
has half-closed is treated as closed after everything that came before. This module knows nothing
about chat.

A close lingers: what was sent is flushed and ended, and what the client still sends is read and
dropped until it closes too. Otherwise the kernel would answer that with a reset, and the client
could lose the last lines. `tcp.close` may have `linger` false, to close as soon as everything is
flushed, or `abort` true, to reset the connection and drop what the client has not taken.

The scope's extension "chatsite.write" is `TcpProtocol.write`, which sends without waiting. The
extension "chatsite.ended_for" is `Received.ended_for`, which tells the application, while it still
handles what came before, that the client has ended the connection. The extension
"chatsite.when_lost" calls a function when the socket is closed, which may be after the application
has ended. With the extension "chatsite.note_pending" the application says how many bytes it keeps
of a line that is not complete; the connection may be cut off for it, see `pending_input.py`.
"""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from random import random
from typing import Any

from chat.servers import sockets
from chat.servers.framing import joined
from chat.servers.pending_input import pending_input
from chat.servers.receiving import Event, Received
from chat.servers.sockets import KEEPALIVE_IDLE, KEEPALIVE_INTERVAL

logger = logging.getLogger(__name__)

Application = Callable[..., Awaitable[None]]  # an ASGI application
NewProtocol = Callable[[Application], asyncio.Protocol]

SEND_HIGH_WATER = 256 * 1024  # bytes waiting for the client above which `send` waits
CLOSE_TIMEOUT = 30  # seconds that a client has to take what was sent before a close
LINGER_TIMEOUT = 2  # seconds that a client has to close after it was sent everything

# Keepalive probes a connection only while nothing is unacknowledged. A line sent just before the
# probes would give up is subject to USER_TIMEOUT from then on, so a dead link would take up to 64 s
# to notice. A peer that has been silent for longer than this, in seconds, is therefore cut: even
# in a quiet room, it would have answered a keepalive probe by then.
SILENCE_LIMIT = KEEPALIVE_IDLE + KEEPALIVE_INTERVAL + 2
SILENCE_CHECK_SPREAD = 4  # seconds over which the checks of many connections are spread


async def serve(
    application: Application, host: str, port: int, protocol: NewProtocol | None = None
) -> asyncio.Server:
    """Listen at an address and run the application for each connection.

    `protocol(application)` makes the protocol of a connection, by default a `TcpProtocol`. Raises
    OSError when the address is not available.
    """
    loop = asyncio.get_running_loop()
    factory = partial(protocol or TcpProtocol, application)
    server = await loop.create_server(factory, host, port, backlog=1)
    for sock in server.sockets:
        sockets.set_tcp_options(sock)
        sockets.set_backlog(sock)
    return server


async def serve_on(
    application: Application, sock: socket.socket, protocol: NewProtocol | None = None
) -> asyncio.Server:
    """Do the same as `serve` on a socket from `sockets.listen_tcp`."""
    loop = asyncio.get_running_loop()
    factory = partial(protocol or TcpProtocol, application)
    server = await loop.create_server(factory, sock=sock, backlog=1)
    sockets.set_backlog(sock)
    return server


class TcpProtocol(asyncio.Protocol):
    """One connection: asyncio's callbacks on one side, ASGI events on the other.

    It has the callbacks of both sides, so it has more methods than others.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self.loop = asyncio.get_running_loop()
        self.lost = False  # nothing more can be sent to the client
        self.writable = None  # a future that is pending while the send buffer is full
        self.closing = False  # our side has ended; what the client still sends is dropped
        self.call_when_lost = None
        self.close_timers: list[asyncio.TimerHandle] = []
        self.task: asyncio.Task[None] | None = None

    # asyncio's side

    def connection_made(self, transport):
        peer = transport.get_extra_info("peername")
        if peer is None:  # reset before it was accepted; what it had sent could still be read
            transport.abort()
        else:
            self.serve(transport, peer)

    def serve(self, transport: asyncio.Transport, client: Sequence[Any] | None) -> None:
        """Run the application for a connection, with its client as `scope["client"]`."""
        self.transport = transport
        self.received = Received(transport, self.loop, self._stop_waiting)
        transport.set_write_buffer_limits(high=SEND_HIGH_WATER)
        scope = {
            "type": "tcp",
            "asgi": {"version": "3.0"},
            "client": client,
            "server": transport.get_extra_info("sockname"),
            "extensions": {
                "chatsite.write": self.write,
                "chatsite.ended_for": self.received.ended_for,
                "chatsite.when_lost": self.when_lost,
                "chatsite.note_pending": self.note_pending,
            },
        }
        self.task = self.loop.create_task(self._run(scope))
        # A peer may have been silent for long already when its connection is accepted late, so the
        # first check waits until keepalive has probed it.
        self.silence_timer = self.loop.call_later(
            SILENCE_LIMIT + SILENCE_CHECK_SPREAD * random(), self._check_silence
        )

    def data_received(self, data):
        if not (self.closing or self.task.done()):
            self.received.add(data)

    def eof_received(self):
        self.received.end()
        if self.closing:
            self.transport.close()
        return True  # keep the transport open: the application may still answer what came before

    def connection_lost(self, exc):
        if self.task is None:
            return
        self.lost = True
        self.silence_timer.cancel()
        for timer in self.close_timers:
            timer.cancel()
        self.resume_writing()
        self.received.end()
        if self.call_when_lost is not None:
            self.call_when_lost()

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
            pending_input.note(self, 0)
            self.received.discard()
            self._close(linger=True)

    def write(self, events: Sequence[Event]) -> Sequence[Event]:
        """Send `tcp.send` events without waiting; return those that have to wait, for `send`.

        Unlike `send`, it returns at once after the event that fills the send buffer.
        """
        if self.writable is not None:
            return events
        if not self.can_send:
            return ()
        if len(events) == 1:  # nearly always, so that this is a little faster
            self.transport.write(events[0]["data"])
            return ()
        for number, data in enumerate(joined([event["data"] for event in events])):
            if self.writable is not None:
                return events[number:]
            if self.can_send:
                self.transport.write(data)
        return ()

    async def _send(self, event):
        match event["type"]:
            case "tcp.send":
                if self.can_send:  # otherwise `tcp.disconnect` tells the application
                    await self._send_data(event["data"])
            case "tcp.close" if event.get("abort"):
                self.transport.abort()
            case "tcp.close":
                self._close(linger=event.get("linger", True))
            case unknown:
                raise ValueError(f"unknown event type {unknown!r} for a TCP connection")

    async def _send_data(self, data):
        has_ended = self.received.ended_for() is not None
        if self.writable is not None and has_ended:
            return  # what a client has not read when it closes is bounded by the send buffer
        self.transport.write(data)
        if self.writable is not None and not has_ended:
            await asyncio.shield(self.writable)

    @property
    def can_send(self) -> bool:
        """Whether neither side has closed the connection."""
        return not (self.lost or self.closing or self.transport.is_closing())

    def _close(self, *, linger):
        if not self.can_send:
            return
        self.closing = True
        self._call_later(CLOSE_TIMEOUT, self.transport.abort)
        if linger and self.received.ended_for() is None:
            with suppress(OSError):  # the client has just reset the connection
                self.transport.write_eof()  # after what is still to be sent
            self.transport.resume_reading()
            self._call_later(LINGER_TIMEOUT, self._end_lingering)
        else:
            self.transport.close()
        self.received.end()

    def _end_lingering(self):
        """Close although the client has not closed, once it has taken everything."""
        if self.transport.get_write_buffer_size():
            self._call_later(LINGER_TIMEOUT, self._end_lingering)
        else:
            self.transport.close()

    def _call_later(self, seconds, function):
        self.close_timers.append(self.loop.call_later(seconds, function))

    def note_pending(self, size: int) -> None:
        """Note how many bytes of an unfinished line the application keeps."""
        pending_input.note(self, size)

    def cut_off(self) -> None:
        """Cut the connection at once."""
        self.transport.abort()

    def when_lost(self, function):
        """Call a function when the socket is closed."""
        if self.lost:
            function()
        else:
            self.call_when_lost = function
