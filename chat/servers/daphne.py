"""Daphne for `runserver`, with the back pressure that it lacks.

Without back pressure, one client that does not read, or that writes without end, would make the
process grow without bound. Written for Daphne 4.2, of which it uses undocumented attributes.
"""

import asyncio
from collections import deque
from functools import partial

from autobahn.exception import Disconnected
from daphne import server, ws_protocol
from twisted.internet import defer
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from chat.servers import sockets
from chat.servers.lifespan import CannotStart
from chat.servers.pending_input import pending_input

MAX_UNRECEIVED_EVENTS = 32  # reading pauses when more events wait for the application
# Seconds. A dead link is noticed after the sum of both.
PING_INTERVAL, PING_TIMEOUT = 15, 15
STOP_TIMEOUT = 5  # seconds
NO_TIMEOUT = -1  # Daphne's value for it


@implementer(IPushProducer)
class BackPressureQueue:
    """The events of one WebSocket in both directions, where each side waits for the other.

    Daphne uses it as the application's queue, the transport as the producer of what is sent.
    """

    def __init__(self, transport, handle_reply):
        self._transport = transport
        self._handle_reply = handle_reply
        self._events = deque()
        self._receiver = None  # a future that is pending while the application waits for an event
        self._drained = None  # a future that is pending while the send buffer is full
        # Until now the connection spoke HTTP, whose channel was the producer.
        transport.unregisterProducer()
        transport.registerProducer(self, True)

    # From the client

    def put_nowait(self, event):
        """Add an event for the application; called by Daphne."""
        self._events.append(event)
        if event["type"] == "websocket.disconnect":
            # After a clean close the transport has no producer any more, so it does not call this
            # method itself.
            self.resumeProducing()
        if self._receiver is not None and not self._receiver.done():
            self._receiver.set_result(None)
        if len(self._events) > MAX_UNRECEIVED_EVENTS:
            self._transport.pauseProducing()

    async def receive(self):
        """Return the next event; called by the application."""
        while not self._events:
            self._receiver = asyncio.get_running_loop().create_future()
            await self._receiver
        event = self._events.popleft()
        if len(self._events) == MAX_UNRECEIVED_EVENTS and not self._transport.disconnecting:
            self._transport.resumeProducing()
        return event

    # To the client

    async def send(self, event):
        """Send the application's event and wait until the client has read enough."""
        try:
            await self._handle_reply(event)
        except Disconnected:
            raise ConnectionResetError from None  # uvicorn raises an OSError, too
        if self._drained is not None:
            await asyncio.shield(self._drained)

    @property
    def is_drained(self):
        """Whether the client reads the data that it is sent."""
        return self._drained is None

    # Twisted's IPushProducer

    def pauseProducing(self):
        if self._drained is None:
            self._drained = asyncio.get_running_loop().create_future()

    def resumeProducing(self):
        if self._drained is not None:
            self._drained.set_result(None)
            self._drained = None

    def stopProducing(self):
        self.resumeProducing()


def has_ended(transport):
    """Return whether the client has ended the connection, also while reading pauses."""
    return (
        transport.disconnected
        or transport.disconnecting
        or sockets.has_peer_closed(transport.getHandle())
    )


class DaphneWebSocket(ws_protocol.WebSocketProtocol):
    """Daphne's WebSocket, hardened against clients that misbehave."""

    message_data = frame_data = None  # Daphne sets them when a message and a frame begin

    def onConnect(self, request):
        if not request.headers.get("sec-websocket-protocol", "").isascii():
            del request.headers["sec-websocket-protocol"]  # Daphne would log a traceback
        return super().onConnect(request)

    def onPing(self, payload):
        self.application_queue.put_nowait({"type": "chatsite.control_frame", "size": len(payload)})
        # Pongs to a client that does not read would pile up: back pressure does not cover them.
        if self.application_queue.is_drained:
            super().onPing(payload)

    # Parts of frames and messages. Daphne keeps them in lists, which tiny parts would fill.

    def onMessageBegin(self, isBinary):
        super().onMessageBegin(isBinary)
        self.message_data = [bytearray()]

    def onMessageFrameBegin(self, length):
        super().onMessageFrameBegin(length)
        self.frame_data = bytearray()

    def onMessageFrameData(self, payload):
        if not self.failedByMe:
            self.frame_data += payload

    def onMessageFrame(self, payload):
        if not self.failedByMe:
            self.message_data[0] += payload

    def dataReceived(self, data):
        super().dataReceived(data)
        pending_input.note(self, self._unfinished())

    def _unfinished(self):
        if self.state == self.STATE_CLOSED:
            return 0
        message = self.message_data[0] if self.message_data else b""
        return len(self.data) + len(self.frame_data or b"") + len(message)

    def cut_off(self):
        """Cut the connection at once."""
        self.transport.abortConnection()

    def connectionLost(self, reason):
        super().connectionLost(reason)
        pending_input.note(self, 0)


ws_protocol.WebSocketFactory.protocol = DaphneWebSocket


class DaphneServer(server.Server):
    """Daphne, running a `ChatService` in the same event loop as the website.

    `on_error(sentence)` ends the process when the site cannot start; `on_ready()` is called when
    all ports are open.
    """

    def __init__(self, *, service, on_error, on_ready, **options):
        super().__init__(
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            websocket_timeout=NO_TIMEOUT,
            **options,
        )
        self.service = service
        self.on_error = on_error
        self.on_ready = on_ready
        self.ports = []

    def run(self):
        # The reactor has not started its event loop yet. Start the service there first, so that
        # the site is not opened when the service cannot start.
        try:
            server.twisted_loop.run_until_complete(self.service.start())
        except CannotStart as error:
            self.on_error(str(error))
        super().run()

    def create_application(self, protocol, scope):
        scope["root_path"] = self.root_path  # Daphne would take it from a header of the client
        if scope["type"] != "websocket":
            return super().create_application(protocol, scope)
        queue = BackPressureQueue(protocol.transport, partial(self.handle_reply, protocol))
        scope |= {
            "asgi": {"version": "3.0"},
            "extensions": {
                "chatsite.abort": protocol.transport.abortConnection,
                "chatsite.has_ended": partial(has_ended, protocol.transport),
            },
        }
        application = self.application(scope, queue.receive, queue.send)
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(application)
        return queue

    def listen_success(self, port):
        super().listen_success(port)
        self.ports.append(port)
        if hasattr(port, "socket"):
            sockets.set_tcp_options(port.socket)
        if len(self.ports) == len(self.endpoints):
            self.on_ready()

    def listen_error(self, failure):
        self.on_error(f"the website cannot be opened: {failure.getErrorMessage()}")

    def kill_all_applications(self):
        """Stop the service before the reactor stops, then cancel the applications that are left."""
        for port in self.ports:
            port.stopListening()
        stopping = server.twisted_loop.create_task(self.service.stop())
        stopped = defer.Deferred.fromFuture(stopping)
        stopped.addTimeout(STOP_TIMEOUT, server.reactor)
        stopped.addBoth(lambda _: super(DaphneServer, self).kill_all_applications())
        return stopped
