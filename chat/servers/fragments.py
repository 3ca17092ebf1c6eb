"""uvicorn's WebSocket protocol, with bounds on the memory of pending messages.

A client may send a message in fragments (RFC 6455, 5.4) and a frame in pieces. uvicorn keeps the
fragments in a list, which empty ones would fill without end.
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from chat.servers.pending_input import pending_input


class BoundedMessages(WebSocketsSansIOProtocol):
    """Keeps the fragments of a message as one, and counts what waits for its rest or its turn."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.unread = b""  # what has come and was not given to the library
        self.unhandled = 0  # bytes of messages that the application has or will receive
        self.noted = 0  # bytes of pending input, as `pending_input` knows

    def handle_text(self, event):
        super().handle_text(event)
        self.join_fragments()

    def handle_bytes(self, event):
        super().handle_bytes(event)
        self.join_fragments()

    def handle_cont(self, event):
        super().handle_cont(event)
        self.join_fragments()

    def join_fragments(self):
        if not self.frames:
            return
        message, *added = self.frames
        if not isinstance(message, bytearray):
            message = bytearray(message)
        for fragment in added:
            message += fragment
        self.frames = [message]

    def send_receive_event_to_app(self):
        if not self.close_sent:
            self.unhandled += sum(map(len, self.frames))
        super().send_receive_event_to_app()

    def note_handled(self):
        """Note that the application has handled what it has received, and asks for more."""
        if self.unhandled and self.queue.empty():
            self.unhandled = 0
            self.count_pending()

    def count_pending(self):
        """Count what was not read, incomplete frames and messages, and messages that wait."""
        unfinished = len(self.unread) + len(self.conn.reader.buffer) + sum(map(len, self.frames))
        self.note_pending(unfinished + self.unhandled)

    def note_pending(self, size):
        if size != self.noted:
            self.noted = size
            pending_input.note(self, size)

    def cut_off(self):
        """Cut the connection at once."""
        self.transport.abort()

    def connection_lost(self, exc):
        super().connection_lost(exc)
        # Free the memory now: the garbage collector may need long to find this connection.
        self.frames, self.unread = [], b""
        self.conn.reader.discard()
        self.note_pending(0)
