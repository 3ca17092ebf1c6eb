"""A guest on the legacy port that notes what it is sent."""

import asyncio
import time

from tests.faults import websocket
from tests.faults.ledger import SentMessage
from tests.faults.waiting import until
from tests.support.half_open import cut

GREETING = b"Connect Success"
LOGGED_IN = b"Login Success"
REFUSALS = (b"UserName Exist", b"UserName Empty", b"Server Full")
NOT_SENT = b"Not sent, please try again \n"


class ClientGuest(asyncio.Protocol):
    """One stay of a guest. `heard` is everything after the reply to the login.

    It sends one message at a time. A message that is refused is not sent again: the next one has
    another text.
    """

    def __init__(self, name, place):
        self.name, self.place = name, place
        self.heard = bytearray()
        self.reply = None  # to the login
        self.ledger = {}  # text -> SentMessage
        self.attempts = []  # (sent, answered) of each message that was answered
        self.refusals = 0
        self.closed = self.cut_off = False
        self.was_reset = None  # whether the connection ended by a reset
        self.receive_buffer = self.transport = None
        self._unread_head = b""
        self._waiting = []  # texts
        self._current = self._sent_at = None
        self._searched = 0  # bytes of `heard` that hold no answer to the current message

    def __repr__(self):
        state = "connected" if self.connected else "closed"
        return f"<guest {self.name}, {state}, {len(self.heard)} bytes, waiting: {self.waiting}>"

    # Connecting

    async def enter(self):
        """Connect and log in. Return the reply to the login, or None if there was none."""
        self.socket, _ = await websocket.open_connection(
            lambda: self, self.place.legacy_address, receive_buffer=self.receive_buffer
        )
        await until(lambda: self.reply or self.closed, lambda: f"{self.name}: no reply")
        return self.reply

    @property
    def connected(self):
        return self.reply == LOGGED_IN and not self.closed

    async def leave(self):
        """Log out."""
        if not self.closed:
            self.write("logout")
            await until(lambda: self.closed, lambda: f"{self.name} could not leave")

    async def vanish(self):
        """End without logging out."""
        if self.transport is not None and not self.closed:
            self.transport.abort()
            await until(lambda: self.closed, "the transport was not closed")

    def cut(self):
        """Make the link half-open."""
        self.cut_off = True
        cut(self.socket)

    def stop_reading(self):
        self.transport.pause_reading()

    def resume_reading(self):
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, exc):
        self.closed, self.was_reset = True, exc is not None

    # Receiving

    def data_received(self, data):
        if self.reply is None:
            self._receive_reply(data)
        else:
            self._receive_lines(data)

    def _receive_reply(self, data):
        self._unread_head += data
        if self._unread_head == GREETING:
            self.write(f"login {self.name}")
            return
        reply = self._unread_head[len(GREETING) :]
        if reply.startswith(LOGGED_IN):
            self.reply = LOGGED_IN
            self._receive_lines(reply[len(LOGGED_IN) :])
        elif reply in REFUSALS:
            self.reply = reply

    def _receive_lines(self, data):
        self.heard += data
        if self._current is not None:
            self._look_for_answer()

    def _look_for_answer(self):
        own_line = f"{self.name}: {self._current.text}\n".encode()
        heard = self.heard
        if heard.find(own_line, self._searched) >= 0:
            self._current.acknowledge(None)
        elif heard.find(NOT_SENT, self._searched) >= 0:
            self._current.refused_at.append(time.monotonic())
            self.refusals += 1
        else:
            searched = heard.rfind(b"\n") + 1 - len(own_line) - len(NOT_SENT)
            self._searched = max(searched, self._searched)
            return
        self.attempts.append((self._sent_at, time.monotonic()))
        self._searched = len(heard)
        self._current = None
        self._send_next()

    # Sending

    def say(self, text):
        """Queue a message, and return the `SentMessage` that will be answered."""
        message = self.ledger[text] = SentMessage(text)
        self._waiting.append(text)
        self._send_next()
        return message

    @property
    def waiting(self):
        """Whether a message has had no answer yet."""
        return self._current is not None or bool(self._waiting)

    def write(self, line):
        """Send a line of the legacy protocol."""
        if not self.transport.is_closing():
            self.transport.write(f"{line}\n".encode())

    def _send_next(self):
        if self._waiting and self._current is None and self.connected:
            self._current, self._sent_at = self.ledger[self._waiting.pop(0)], time.monotonic()
            self.write(f"say {self._current.text}")
