"""TCP connections as ASGI: a server that runs an application with the scope type "tcp".

The application receives `tcp.connect`, then `tcp.receive` (`data`: bytes), and finally one
`tcp.disconnect`. It sends `tcp.send` (`data`: bytes) and `tcp.close` (`abort`: reset the connection
instead of flushing it). A connection that the client has half-closed is treated as closed after
everything that came before. This module knows nothing about chat.

The scope's extension "chatsite.write" is `TcpProtocol.write`, which sends without waiting.
"""

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from random import random
from typing import Any

from chat.servers import sockets
from chat.servers.sockets import KEEPALIVE_IDLE, KEEPALIVE_INTERVAL

logger = logging.getLogger("chat.servers.tcp")

Event = dict[str, Any]
Application = Callable[..., Awaitable[None]]  # an ASGI application

RECEIVE_HIGH_WATER = 64 * 1024  # bytes waiting for the application above which reading pauses
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


class TcpProtocol(asyncio.Protocol):
    """One connection: asyncio's callbacks on one side, ASGI events on the other."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.loop = asyncio.get_running_loop()
        self.unreceived: deque[Event] = deque()  # events that the application has not received yet
        self.unreceived_size = 0  # bytes of data in them
        self.input_ended = False  # nothing more will come from the client
        self.lost = False  # nothing more can be sent to the client
        self.receiver = None  # a future that is pending while the application waits for an event
        self.writable = None  # a future that is pending while the send buffer is full

    # asyncio's side

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=SEND_HIGH_WATER)
        scope = {
            "type": "tcp",
            "asgi": {"version": "3.0"},
            "client": transport.get_extra_info("peername"),
            "server": transport.get_extra_info("sockname"),
            "extensions": {"chatsite.write": self.write},
        }
        self._put({"type": "tcp.connect"})
        self.task = self.loop.create_task(self._run(scope))
        # A peer may have been silent for long already when its connection is accepted late, so the
        # first check waits until keepalive has probed it.
        self.silence_timer = self.loop.call_later(
            SILENCE_LIMIT + SILENCE_CHECK_SPREAD * random(), self._check_silence
        )

    def data_received(self, data):
        self.unreceived_size += len(data)
        self._put({"type": "tcp.receive", "data": data})
        if self.unreceived_size > RECEIVE_HIGH_WATER:
            self.transport.pause_reading()

    def eof_received(self):
        self._end_input()
        return True  # keep the transport open: the application may still answer what came before

    def connection_lost(self, exc):
        self.lost = True
        self.silence_timer.cancel()
        self.resume_writing()
        self._end_input()

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
        if self.writable is not None:
            self.writable.set_result(None)
            self.writable = None

    # The application's side

    async def _run(self, scope):
        try:
            await self.application(scope, self._receive, self._send)
        except Exception:
            logger.exception("A TCP connection is closed after an error in the application")
        finally:
            self._close(abort=False)

    async def _receive(self):
        while not self.unreceived:
            self.receiver = self.loop.create_future()
            await self.receiver
        event = self.unreceived.popleft()
        if event["type"] == "tcp.receive":
            was_full = self.unreceived_size > RECEIVE_HIGH_WATER
            self.unreceived_size -= len(event["data"])
            is_full = self.unreceived_size > RECEIVE_HIGH_WATER
            if was_full and not is_full and not self.transport.is_closing():
                self.transport.resume_reading()
        return event

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
                self.transport.write(event["data"])
                if self.writable is not None:
                    await asyncio.shield(self.writable)
            case "tcp.close":
                self._close(event.get("abort", False))
            case unknown:
                raise ValueError(f"unknown event type {unknown!r} for a TCP connection")

    def _close(self, abort):
        if abort:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.close()

    def _put(self, event):
        self.unreceived.append(event)
        if self.receiver is not None and not self.receiver.done():
            self.receiver.set_result(None)

    def _end_input(self):
        if not self.input_ended:
            self.input_ended = True
            self._put({"type": "tcp.disconnect"})
