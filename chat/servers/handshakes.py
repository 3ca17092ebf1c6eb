"""uvicorn's WebSocket protocol, with an answer to handshakes that its library cannot read.

The HTTP server accepts more than the WebSocket library: control characters in headers, and lines of
more than 8 KB. uvicorn does not notice that the library has refused such a handshake, and would
keep the connection for ever, without an answer and without a place among the open sockets.
"""

from http import HTTPStatus

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from chat.servers.http_refusals import refusal


class AnsweredHandshake(WebSocketsSansIOProtocol):
    """Refuses a handshake that the library cannot read, and closes its connection."""

    def handle_events(self):
        super().handle_events()
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.refuse_handshake()

    def refuse_handshake(self):
        self.handshake_complete = self.close_sent = True  # nothing else is sent
        self.transport.write(refusal(HTTPStatus.BAD_REQUEST, self.default_headers))
        self.transport.close()
