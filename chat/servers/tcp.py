"""TCP connections as ASGI: a server that runs an application with the scope type "tcp".

Events to the application: `tcp.connect`, `tcp.receive` (`data`: bytes) and, last, once,
`tcp.disconnect`. From it: `tcp.send` (`data`) and `tcp.close` (`abort`: reset, do not flush).
A half-closed connection is a closed one, after what came before it. Knows nothing of chat.

The scope's extension "chatsite.write" is a function that sends at once what need not wait; see
`Protocol.write`.
"""

import asyncio
import logging
import os
import socket
import struct
from collections import deque
from random import random

logger = logging.getLogger("chat.tcp")

BACKLOG = 2048
RECEIVE_HIGH_WATER = 64 * 1024  # bytes that may wait for the application; then nothing is read
SEND_HIGH_WATER = 256 * 1024  # bytes that may wait for the client; then `send` waits
USER_TIMEOUT = 30_000  # ms that a peer may leave sent data unacknowledged
KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_PROBES = 30, 5, 3
# Keepalive gives up after idle time and interval, but only while nothing is under way: a line sent
# just before that would wait for USER_TIMEOUT of its own, 64 s in all. So who has been silent for
# longer than that, in seconds, is gone; in a room where nobody speaks, keepalive has asked by then.
SILENCE = KEEPALIVE_IDLE + KEEPALIVE_INTERVAL + 2
SPREAD = 4  # seconds over which those who fell silent together are looked at
TCP_INFO = struct.Struct("52x 2I")  # last data and acknowledgement received, ms (<linux/tcp.h>)


def tune(sock):
    """Options for a listening socket, which the sockets that it accepts inherit."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_PROBES)


def silent_for(sock):
    """Seconds since anything came from a peer; 0 where the system does not tell, or ask it."""
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        return 0
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO.size)
    # Data that acknowledges nothing new may not count as an acknowledgement.
    return min(TCP_INFO.unpack(info)) / 1000


async def serve(application, host, port):
    """Listen and run the application for each connection. Returns an `asyncio.Server`.

    Raises OSError when the address cannot be had.
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Protocol(application), host, port, backlog=1)
    for sock in server.sockets:
        tune(sock)
        _lengthen_queue(sock)
    return server


async def serve_on(application, sock):
    """The same on a socket that listens already, and is tuned. Returns an `asyncio.Server`."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Protocol(application), sock=sock, backlog=1)
    _lengthen_queue(sock)
    return server


def _lengthen_queue(sock):
    """Let many wait to be accepted, while asyncio accepts one at a time.

    asyncio accepts as many at once as its backlog says, before any of them can be refused; and
    out of descriptors it tries, fails and logs as often.
    """
    with socket.socket(fileno=os.dup(sock.fileno())) as same:
        same.listen(BACKLOG)


class Protocol(asyncio.Protocol):
    """One connection: the bytes of asyncio on one side, ASGI events on the other."""

    def __init__(self, application):
        self.application = application
        self.loop = asyncio.get_running_loop()
        self.waiting = deque()  # events that the application has not taken
        self.size = 0  # bytes in them
        self.ended = False  # nothing more will come from the client
        self.lost = False  # nothing more can be sent to it
        self.taker = None  # set when the application waits for an event
        self.writable = None  # unset future while the client takes too little

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
        # Who was accepted late may have been silent for long: keepalive asks it first.
        self.watch = self.loop.call_later(SILENCE + SPREAD * random(), self._look)

    def data_received(self, data):
        self.size += len(data)
        self._put({"type": "tcp.receive", "data": data})
        if self.size > RECEIVE_HIGH_WATER:
            self.transport.pause_reading()

    def eof_received(self):
        self._end()
        return True  # the application may still answer what came before; then we close

    def connection_lost(self, exc):
        self.lost = True
        self.watch.cancel()
        self.resume_writing()
        self._end()

    def _look(self):
        """Cut a client of which nothing has come for too long, or look again later."""
        silence = silent_for(self.transport.get_extra_info("socket"))
        if silence >= SILENCE:
            self.transport.abort()
        else:
            self.watch = self.loop.call_later(SILENCE - silence + SPREAD * random(), self._look)

    def pause_writing(self):
        if self.writable is None:
            self.writable = self.loop.create_future()

    def resume_writing(self):
        if self.writable is not None:
            self.writable.set_result(None)
            self.writable = None

    # the application's side

    async def _run(self, scope):
        try:
            await self.application(scope, self._receive, self._send)
        except Exception:
            logger.exception("A connection ended by an error in its handler")
        finally:
            self._close(abort=False)

    async def _receive(self):
        while not self.waiting:
            self.taker = self.loop.create_future()
            await self.taker
        event = self.waiting.popleft()
        if event["type"] == "tcp.receive":
            full = self.size > RECEIVE_HIGH_WATER
            self.size -= len(event["data"])
            if full and self.size <= RECEIVE_HIGH_WATER and not self.transport.is_closing():
                self.transport.resume_reading()
        return event

    def write(self, events):
        """Send `tcp.send` events at once. Returns those that have to wait, for `send`.

        What fills the client's buffer is not waited for, as `send` does: the next one is.
        """
        for number, event in enumerate(events):
            if self.writable is not None:
                return events[number:]
            if not (self.lost or self.transport.is_closing()):
                self.transport.write(event["data"])
        return ()

    async def _send(self, event):
        if self.lost or self.transport.is_closing():
            return  # the application learns of it from `tcp.disconnect`
        match event["type"]:
            case "tcp.send":
                self.transport.write(event["data"])
                if self.writable is not None:
                    await asyncio.shield(self.writable)
            case "tcp.close":
                self._close(event.get("abort", False))
            case unknown:
                raise ValueError(f"tcp does not know the event {unknown!r}")

    def _close(self, abort):
        if abort:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.close()

    def _put(self, event):
        self.waiting.append(event)
        if self.taker is not None and not self.taker.done():
            self.taker.set_result(None)

    def _end(self):
        if not self.ended:
            self.ended = True
            self._put({"type": "tcp.disconnect"})
