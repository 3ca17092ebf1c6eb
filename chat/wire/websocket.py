"""uvicorn's WebSocket, made lighter for rooms with thousands of connections.

The scope's extension "write" is a function that sends at once what need not wait; see
`WebSocket.write`. What nobody needs after the handshake is let go: it was half of the memory.
"""

import asyncio

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class Events:
    """What `asyncio.Queue` does for one who puts and one who gets, in a tenth of the memory."""

    __slots__ = ("_taker", "_waiting")

    def __init__(self):
        self._waiting = []
        self._taker = None

    def put_nowait(self, event):
        self._waiting.append(event)
        if self._taker is not None and not self._taker.done():
            self._taker.set_result(None)

    async def get(self):
        while not self._waiting:
            self._taker = asyncio.get_running_loop().create_future()
            await self._taker
        return self._waiting.pop(0)

    def empty(self):
        return not self._waiting


class WebSocket(WebSocketsSansIOProtocol):
    """One connection of the website, for uvicorn's `ws`."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.queue = Events()

    def handle_connect(self, event):
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"]["write"] = self.write

    def write(self, events):
        """Send `websocket.send` events with a `frame` at once.

        Returns those that have to wait, for `send`. A `frame` is the event's text as it crosses the
        wire, made once for all who receive it. Raises OSError when the client has gone.
        """
        if not self.handshake_complete or self.close_sent:
            return events
        if self.disconnected or self.transport.is_closing():
            raise ClientDisconnected
        for number, event in enumerate(events):
            if not self.writable.is_set():
                return events[number:]
            self.transport.write(event["frame"])
        return ()

    async def send(self, message):
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.request = self.response = None
