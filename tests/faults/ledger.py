"""The messages of one client: when each was sent, refused and acknowledged.

A `SentMessage` is acknowledged when the client has received it as a line of the room, or was told
its number. The judge compares all of them with the database.
"""

import asyncio
import random
import time

from tests.faults.timing import ANSWER_TIMEOUT, FIRST_RETRY_PAUSE, LONGEST_RETRY_PAUSE


class SentMessage:
    """A message that a client has said. Times are those of the monotonic clock.

    `room` is the id of a room, None for the lobby. `reply` is the number of the message that it
    replies to, if it does. `refused` is the code of the error if it was refused for
    good. `may_be_saved` says that a guest was told that it is perhaps not sent.
    """

    __slots__ = (
        *("acknowledged_at", "client_id", "may_be_saved", "refused", "refused_at", "reply", "room"),
        *("said_at", "seq", "text"),
    )

    def __init__(self, text, client_id=None, room=None, reply=None):
        self.text, self.client_id, self.room, self.reply = text, client_id, room, reply
        self.said_at = time.monotonic()
        self.refused_at = []  # one time for each "try again"
        self.acknowledged_at = self.seq = self.refused = None
        self.may_be_saved = False

    def acknowledge(self, seq):
        if self.acknowledged_at is None:
            self.acknowledged_at, self.seq = time.monotonic(), seq

    @property
    def duration(self):
        """Seconds from saying it to its acknowledgement."""
        return self.acknowledged_at - self.said_at


class ClientOutbox:
    """The messages of a web member, sent one at a time as the page does.

    `send(message)` puts a message on the connection, `give_up()` drops the connection when there
    is no answer in time, and `complain(text)` takes what the server must never do.
    """

    def __init__(self, send, give_up, complain):
        self._send, self._give_up, self._complain = send, give_up, complain
        self.ledger = {}  # client id -> SentMessage
        self._entries = {}  # the same, and what else is sent in turn
        self.waiting = []  # keys of these, in their order
        self.attempts = []  # (sent, answered) of each attempt that was answered
        self.is_open = False  # whether there is a connection to send on
        self._current = self._sent_at = self._timer = None
        self._refusals = 0

    def add(self, text, client_id, room=None, reply=None):
        """Queue a message, and return its `SentMessage`."""
        message = self.ledger[client_id] = SentMessage(text, client_id, room, reply)
        return self.put(client_id, message)

    def put(self, key, message):
        """Queue something that is sent in turn with the messages, and is none."""
        self._entries[key] = message
        self.waiting.append(key)
        self.send_next()
        return message

    def open(self):
        """Begin to send, after a welcome."""
        self.is_open = True
        self.send_next()

    def close(self):
        """Stop sending until the next welcome."""
        self.is_open = False
        self._reset()

    def send_next(self):
        """Send the oldest message unless one is under way."""
        if self.waiting and self.is_open and self._timer is None:
            self._current, self._sent_at = self.waiting[0], time.monotonic()
            self._timer = asyncio.get_running_loop().call_later(ANSWER_TIMEOUT, self._give_up)
            self._send(self._entries[self._current])

    def acknowledge(self, client_id, seq):
        """Note that the server has saved a message under a number."""
        if (message := self._entries.get(client_id)) is None:
            return
        if message.seq not in (None, seq):
            self._complain(f"{client_id} was acknowledged as {message.seq} and as {seq}")
        message.acknowledge(seq)
        if client_id in self.waiting:
            self.waiting.remove(client_id)
        if client_id == self._current:
            self.attempts.append((self._sent_at, time.monotonic()))
            self._refusals = 0
            self._reset()
            self.send_next()

    def refuse(self, client_id):
        """Send a message again after a pause, as the server has asked for."""
        self._entries[client_id].refused_at.append(time.monotonic())
        self.attempts.append((self._sent_at, time.monotonic()))
        self._reset()
        pause = min(LONGEST_RETRY_PAUSE, FIRST_RETRY_PAUSE * 2**self._refusals)
        self._refusals += 1
        self._timer = asyncio.get_running_loop().call_later(
            pause * (0.5 + random.random() / 2), self._end_pause
        )

    def refuse_for_good(self, client_id, code):
        """Note that the server will never save a message, and go on with the next one."""
        self._entries[client_id].refused = code
        self.attempts.append((self._sent_at, time.monotonic()))
        self.waiting.remove(client_id)
        self._refusals = 0
        self._reset()
        self.send_next()

    def _end_pause(self):
        self._timer = None
        self.send_next()

    def _reset(self):
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._current = None
