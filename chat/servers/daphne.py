"""Back pressure for Daphne, which has none: one client that does not read, or writes without
end, would otherwise grow the process without bound."""

import asyncio
from collections import deque

from autobahn.exception import Disconnected
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

UNHANDLED = 32  # events that may wait for the application; then nothing more is read


@implementer(IPushProducer)
class Flow:
    """The events of one WebSocket, both ways; each side waits for the other.

    To Daphne it is the application's queue, to the transport the producer of what is sent.
    """

    def __init__(self, transport, handle_reply):
        self._transport = transport
        self._handle_reply = handle_reply
        self._events = deque()
        self._taker = None
        self._drained = None  # unset future while the client takes too little
        # Until now the connection spoke HTTP, whose channel was the producer.
        transport.unregisterProducer()
        transport.registerProducer(self, True)

    # What comes in

    def put_nowait(self, event):
        """Daphne has an event for the application."""
        self._events.append(event)
        if event["type"] == "websocket.disconnect":
            # The transport would say so, but a close in order unregisters its producer first.
            self.resumeProducing()
        if self._taker is not None and not self._taker.done():
            self._taker.set_result(None)
        if len(self._events) > UNHANDLED:
            self._transport.pauseProducing()

    async def receive(self):
        """The application asks for the next event."""
        while not self._events:
            self._taker = asyncio.get_running_loop().create_future()
            await self._taker
        event = self._events.popleft()
        if len(self._events) == UNHANDLED and not self._transport.disconnecting:
            self._transport.resumeProducing()
        return event

    # What goes out

    async def send(self, event):
        """The application sends; this returns when the client has taken enough."""
        try:
            await self._handle_reply(event)
        except Disconnected:
            raise ConnectionResetError from None  # as uvicorn says it
        if self._drained is not None:
            await asyncio.shield(self._drained)

    @property
    def is_drained(self):
        """Whether the client takes what it is sent."""
        return self._drained is None

    def pauseProducing(self):
        if self._drained is None:
            self._drained = asyncio.get_running_loop().create_future()

    def resumeProducing(self):
        if self._drained is not None:
            self._drained.set_result(None)
            self._drained = None

    def stopProducing(self):
        self.resumeProducing()
