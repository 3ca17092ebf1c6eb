"""uvicorn's WebSocket protocol, adapted to rooms with thousands of connections.

It adds four functions to the scope's extensions. "chatsite.write" is `UvicornWebSocket.write`,
which sends without waiting. "chatsite.abort" cuts the connection and drops what has not been sent:
a close would never finish for a client that does not read. "chatsite.when_lost" calls a function
when the socket is closed, which may be after the application has ended. "chatsite.has_ended"
returns whether the client has ended the connection, also while the application receives nothing.

The application also receives `chatsite.control_frame` (`size`: bytes) for each ping, pong and
fragment, so that it can limit them. Until it has received the event, nothing more is read.

Input is read in chunks, so that other connections are served in between. The request and the
response of the handshake are released afterwards; they took half of a connection's memory.

Written for uvicorn 0.54, of whose protocol class it uses undocumented attributes and methods.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected

from chat.servers.closing import BoundedClose
from chat.servers.fragments import BoundedMessages
from chat.servers.framing import joined, text_frame
from chat.servers.handshakes import AnsweredHandshake

READ_CHUNK = 2048  # bytes of one connection that are read in one turn of the event loop
FRAMES_BEFORE_PAUSE = 32  # pings, pongs and continuation frames after which reading pauses
READ_PAUSE = 0.05  # seconds
MAX_PING = 125  # bytes (RFC 6455, 5.5)


class EventQueue:
    """A queue for one producer and one consumer, in a tenth of the memory of `asyncio.Queue`."""

    __slots__ = ("_added", "_consumer", "_reversed")

    def __init__(self):
        self._added = []
        self._reversed = []  # the oldest events, in reverse order: `pop` returns the next
        self._consumer = None  # a future that is pending while the consumer waits for an event

    def put_nowait(self, event):
        self._added.append(event)
        if self._consumer is not None and not self._consumer.done():
            self._consumer.set_result(None)

    async def get(self):
        while self.empty():
            self._consumer = asyncio.get_running_loop().create_future()
            await self._consumer
        if not self._reversed:
            self._reversed, self._added = self._added[::-1], []
        return self._reversed.pop()

    def empty(self):
        return not (self._reversed or self._added)


class UvicornWebSocket(AnsweredHandshake, BoundedMessages, BoundedClose):
    """One WebSocket connection, for the `ws` option of uvicorn's configuration."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.queue = EventQueue()
        self.frames_since_pause = 0

    # Reading

    def data_received(self, data):
        """Read the first chunk of the data.

        One call may bring 256 KB. Handling the 40,000 pings that fit there would stop the event
        loop for seconds.
        """
        self.unread += data
        self.read_next_chunk()

    def read_next_chunk(self):
        """Read the next chunk of the data that has come, if there is any."""
        chunk, self.unread = self.unread[:READ_CHUNK], self.unread[READ_CHUNK:]
        if self.transport.is_closing():
            self.unread = b""
            return
        if chunk:
            super().data_received(chunk)
        self.count_pending()
        if self.transport.is_closing():
            self.limit_close()
        self.continue_reading()

    def continue_reading(self):
        """Schedule the next read, unless the application still has events to receive."""
        if self.transport.is_closing():
            return
        # After our own close, read on: the client's close may come after much other data.
        if not (self.queue.empty() or self.close_sent):
            return  # `receive` calls this method again
        if self.frames_since_pause > FRAMES_BEFORE_PAUSE:
            self.frames_since_pause = 0
            self.pause_reading(READ_PAUSE)
        elif self.unread:
            self.pause_reading(0)
        elif self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def pause_reading(self, seconds):
        """Take nothing from the client until the next chunk has been read, after some seconds."""
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()
        self.loop.call_later(seconds, self.read_next_chunk)

    async def receive(self):
        self.note_handled()
        event = await self.queue.get()
        self.continue_reading()
        return event

    def send_receive_event_to_app(self):
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:  # uvicorn would log a traceback
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def handle_connect(self, event):
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"] |= {
                "chatsite.write": self.write,
                "chatsite.abort": self.transport.abort,
                "chatsite.when_lost": self.when_lost,
                "chatsite.has_ended": self.has_ended,
            }

    def handle_cont(self, event):
        self.report_control_frame(len(event.data))
        super().handle_cont(event)

    def handle_pong(self, event):
        self.report_control_frame(len(event.data))
        super().handle_pong(event)

    def handle_ping(self):
        self.report_control_frame(MAX_PING)
        if self.writable.is_set():
            super().handle_ping()
        else:
            # Pongs to a client that does not read would pile up, so they are discarded. RFC 6455
            # (5.5.3) allows answering only the latest ping; a client that never reads is cut.
            self.conn.data_to_send()

    def report_control_frame(self, size):
        """Let the application count a frame that it does not receive: a ping, pong or fragment."""
        self.frames_since_pause += 1
        if self.close_sent:
            return
        self.queue.put_nowait({"type": "chatsite.control_frame", "size": size})
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    # Sending

    def write(self, events: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        """Send `websocket.send` events with text without waiting.

        Returns those that have to wait, for `send`. Raises OSError when the client has gone. All
        recipients of a batch share its events: the first to send an event keeps the frame in it
        for the others.
        """
        if self.disconnected or self.transport.is_closing():
            raise ClientDisconnected
        if not self.handshake_complete or self.close_sent or not self.writable.is_set():
            return events
        if len(events) == 1:  # nearly always, so that this is a little faster
            self.transport.write(events[0].get("frame") or _frame(events[0]))
            return ()
        frames = [event.get("frame") or _frame(event) for event in events]
        for number, data in enumerate(joined(frames)):
            if not self.writable.is_set():
                return events[number:]
            self.transport.write(data)
        return ()

    async def send(self, message):
        self._raise_if_closed(message)
        await self.writable.wait()
        self._raise_if_closed(message)  # another task may have closed while this one waited
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.request = self.response = None
        elif self.close_sent:
            self.limit_close()
            self.continue_reading()

    def _raise_if_closed(self, message):
        """Treat our own close as if the client had gone, where uvicorn logs an error."""
        closing = message["type"] == "websocket.send" and self.transport.is_closing()
        if self.close_sent or closing:
            raise ClientDisconnected


def _frame(event):
    """Return the frame of a `websocket.send` event, which the event keeps for the next client."""
    frame = event["frame"] = text_frame(event["text"].encode())
    return frame
