"""uvicorn's WebSocket, made lighter for rooms with thousands of connections.

The scope's extension "chatsite.write" is a function that sends at once what need not wait; see
`WebSocket.write`. "chatsite.abort" is one that cuts the connection and drops what was not taken:
a close would wait for ever for a client that never reads. What nobody needs after the handshake is
let go: it was half of the memory.
Written for uvicorn 0.54, of whose protocol it uses what is not documented.
"""

import asyncio

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


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

    def handle_connect(self, event):
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"]["chatsite.write"] = self.write
            self.scope["extensions"]["chatsite.abort"] = self.transport.abort

    def handle_ping(self):
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

    def _check(self, message):
        """After our own close nothing can be sent, as if the client had gone; uvicorn disagrees."""
        closing = message["type"] == "websocket.send" and self.transport.is_closing()
        if self.close_sent or closing:
            raise ClientDisconnected
