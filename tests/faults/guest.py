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
PERHAPS_SENT = b"Perhaps not sent, please look before you try again \n"
NOT_SAID = NOT_SENT, PERHAPS_SENT  # answers to a message that is not shown, or not yet


class GuestMessages:
    """The messages of a guest, sent one at a time with `write(line)`.

    A message that is refused is not sent again: the next one has another text.
    """

    def __init__(self, name, write):
        self._name, self._write = name, write
        self.ledger = {}  # text -> SentMessage
        self.attempts = []  # (sent, answered) of each message that was answered
        self._waiting = []  # texts
        self._current = self._sent_at = None
        self._searched = 0  # bytes of what was heard that hold no answer to the current message

    @property
    def are_waiting(self):
        """Whether a message has had no answer yet."""
        return self._current is not None or bool(self._waiting)

    def add(self, text):
        """Queue a message, and return its `SentMessage`."""
        message = self.ledger[text] = SentMessage(text)
        self._waiting.append(text)
        self._send_next()
        return message

    def look_for_answer(self, heard):
        """Look for the answer to the current message in all that was heard."""
        if self._current is None:
            return
        own_line = f"{self._name}: {self._current.text}\n".encode()
        if heard.find(own_line, self._searched) >= 0:
            self._current.acknowledge(None)
        elif any(heard.find(answer, self._searched) >= 0 for answer in NOT_SAID):
            self._current.refused_at.append(time.monotonic())
            self._current.may_be_saved = heard.find(PERHAPS_SENT, self._searched) >= 0
        else:
            searched = heard.rfind(b"\n") + 1 - len(own_line) - len(PERHAPS_SENT)
            self._searched = max(searched, self._searched)
            return
        self.attempts.append((self._sent_at, time.monotonic()))
        self._searched = len(heard)
        self._current = None
        self._send_next()

    def _send_next(self):
        if self._waiting and self._current is None:
            self._current, self._sent_at = self.ledger[self._waiting.pop(0)], time.monotonic()
            self._write(f"say {self._current.text}")


class ClientGuest(asyncio.Protocol):
    """One stay of a guest. `heard` is everything after the reply to the login."""

    def __init__(self, name, place):
        self.name, self.place = name, place
        self.heard = bytearray()
        self.reply = None  # to the login
        self.messages = GuestMessages(name, self.write)
        self.ledger, self.attempts = self.messages.ledger, self.messages.attempts
        self.closed = self.cut_off = False
        self.was_reset = None  # whether the connection ended by a reset
        self.receive_buffer = self.transport = None
        self._unread_head = b""

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
        self.messages.look_for_answer(self.heard)

    # Sending

    def say(self, text):
        """Queue a message, and return the `SentMessage` that will be answered."""
        return self.messages.add(text)

    @property
    def waiting(self):
        """Whether a message has had no answer yet."""
        return self.messages.are_waiting

    def write(self, line):
        """Send a line of the legacy protocol."""
        if not self.transport.is_closing():
            self.transport.write(f"{line}\n".encode())
