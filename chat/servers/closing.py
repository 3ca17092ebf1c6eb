"""uvicorn's WebSocket protocol, with a bound on the time that closing takes.

A client may not answer our close frame, or not read what was sent before. uvicorn would wait for
both, and keep the descriptor.
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from chat.servers import sockets

CLOSE_TIMEOUT = 1.5  # seconds in which a client has to complete a close, before it is cut


class BoundedClose(WebSocketsSansIOProtocol):
    """Cuts a connection whose close is not completed, and tells when its socket is closed."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.call_when_lost = None

    def keepalive_timeout(self):
        if self.read_paused:  # the answer may be among what has not been read
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)
        else:
            super().keepalive_timeout()
            self.limit_close()

    def limit_close(self):
        """Cut the connection soon, unless the close that has begun is completed before."""
        if self.disconnected:
            return
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)

    def has_ended(self):
        """Return whether the client has ended the connection, also while reading pauses."""
        return (
            self.disconnected
            or self.transport.is_closing()
            or sockets.has_peer_closed(self.transport.get_extra_info("socket"))
        )

    def when_lost(self, function):
        """Call a function when the socket is closed."""
        if self.disconnected:
            function()
        else:
            self.call_when_lost = function

    def connection_lost(self, exc):
        super().connection_lost(exc)
        if self.call_when_lost is not None:
            self.call_when_lost()
