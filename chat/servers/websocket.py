"""uvicorn's WebSocket, made lighter for rooms with thousands of connections.

The scope's extension "chatsite.write" is a function that sends at once what need not wait; see
`WebSocket.write`. "chatsite.abort" is one that cuts the connection and drops what was not taken:
a close would wait for ever for a client that never reads. What comes in is read in pieces, between
which others have a turn. What nobody needs after the handshake is let go: it was half of the
memory.
Written for uvicorn 0.54, of whose protocol it uses what is not documented.
"""

import asyncio

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

PIECE = 2048  # bytes of one connection that are read in one turn of the event loop
ASIDES = 32  # pings, pongs and continuations that may come before its next rest
REST = 0.05  # seconds without reading


class Events:
    """What `asyncio.Queue` does, for one who puts and one who takes, in a tenth of the memory."""

    __slots__ = ("_come", "_next", "_taker")

    def __init__(self):
        self._come = []
        self._next = []  # those to be taken first, the last of them at once
        self._taker = None

    def put_nowait(self, event):
        self._come.append(event)
        if self._taker is not None and not self._taker.done():
            self._taker.set_result(None)

    async def get(self):
        while self.empty():
            self._taker = asyncio.get_running_loop().create_future()
            await self._taker
        if not self._next:
            self._next, self._come = self._come[::-1], []
        return self._next.pop()

    def empty(self):
        return not (self._next or self._come)


class WebSocket(WebSocketsSansIOProtocol):
    """One connection of the website, for uvicorn's `ws`."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.queue = Events()
        self.unread = b""
        self.asides = 0

    def data_received(self, data):
        """Read a piece. One call may bring 256 KB: 40,000 pings took seconds, of everybody."""
        self.unread += data
        self.read_on()

    def read_on(self):
        """Read the next piece of what has come, if there is any."""
        piece, self.unread = self.unread[:PIECE], self.unread[PIECE:]
        if self.transport.is_closing():
            self.unread = b""
            return
        if piece:
            super().data_received(piece)
        self.go_on()

    def go_on(self):
        """See that more is read, now or after a rest, once the application has taken its events."""
        if self.transport.is_closing():
            return
        # After our own close all that counts is the client's, which may be behind much else.
        if not (self.queue.empty() or self.close_sent):
            return  # `receive` goes on
        if self.asides > ASIDES:
            self.asides = 0
            self.pause(REST)
        elif self.unread:
            self.pause(0)
        elif self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def pause(self, seconds):
        """Take nothing from the client until the next piece was read."""
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()
        self.loop.call_later(seconds, self.read_on)

    async def receive(self):
        event = await self.queue.get()
        self.go_on()
        return event

    def send_receive_event_to_app(self):
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:  # uvicorn prints a traceback
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def handle_connect(self, event):
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"]["chatsite.write"] = self.write
            self.scope["extensions"]["chatsite.abort"] = self.transport.abort

    def handle_cont(self, event):
        self.asides += 1
        super().handle_cont(event)

    def handle_pong(self, event):
        self.asides += 1
        super().handle_pong(event)

    def handle_ping(self):
        self.asides += 1
        if self.writable.is_set():
            super().handle_ping()
        else:
            # Pongs to a client that takes none would pile up. It may answer the latest ping alone
            # (RFC 6455, 5.5.3); if it never reads, it is cut.
            self.conn.data_to_send()

    def write(self, events):
        """Send `websocket.send` events with a `frame` at once.

        Returns those that have to wait, for `send`. A `frame` is the event's text as it crosses the
        wire, made once for all who receive it. Raises OSError when the client has gone.
        """
        if self.disconnected or self.transport.is_closing():
            raise ClientDisconnected
        if not self.handshake_complete or self.close_sent:
            return events
        for number, event in enumerate(events):
            if not self.writable.is_set():
                return events[number:]
            self.transport.write(event["frame"])
        return ()

    async def send(self, message):
        self._check(message)
        await self.writable.wait()
        self._check(message)  # another may have closed while this one waited
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.request = self.response = None
        elif self.close_sent:
            self.go_on()

    def _check(self, message):
        """After our own close nothing can be sent, as if the client had gone; uvicorn disagrees."""
        closing = message["type"] == "websocket.send" and self.transport.is_closing()
        if self.close_sent or closing:
            raise ClientDisconnected
