"""One member's connection: a cursor into the log, and commands that take effect in their order.

It does not know which protocol it serves: a door gives it a wire (how lines are encoded), a way
to send events, and a way to close.
"""

import asyncio
import logging
import time
from enum import Enum

from chat.live import eager
from chat.room import transcript
from chat.room.refusal import Refused
from chat.room.transcript import Saying

logger = logging.getLogger("chat.connection")

BLOCKED_TOO_LONG = 30  # seconds that a client may take nothing
DRAIN_WITHIN = 2  # seconds for what is on its way when the server stops


class End(Enum):
    """Why the server ends a connection."""

    SLOW = "slow"  # it lags further than what is kept, or takes nothing
    REMOVED = "removed"  # somebody put it out
    SIGNED_OUT = "signed out"  # its login session has ended
    RESTART = "restart"  # the server stops
    ERROR = "error"  # our fault


def _leave_all(events):
    """The `write` of a server that has none: everything is left to `send`."""
    return events


class Connection:
    """A member inside the room. Made by `ServerProcess.enter`, ended by `ServerProcess.leave`.

    `send(event)` is the door's coroutine function; `write(events)`, where the server has it, sends
    at once and returns what has to wait; `close(End)` is the door's way to end, which must not wait
    and may be called once.
    """

    def __init__(self, stay, tail, says, *, wire, send, close, write=None, session_key=""):
        self.id = stay.connection_id
        self.name = stay.name
        self.cursor = stay.seq
        self.session_key = session_key
        self.tail = tail
        self.ended = False
        self.ends_in_order = False
        self.blocked_since = None
        self._says = says
        self._wire = wire
        self._send = send
        self._write = write or _leave_all
        self._close = close
        self._delivery = None
        self._sending = None

    # Following the log

    def follow(self, cursor):
        """Send what comes after a cursor, from now on. It may be ahead of the tail.

        Nothing when the connection was ended meanwhile.
        """
        if self.ended:
            return
        self.cursor = cursor
        self.tail.followers.add(self)
        self.step()

    def step(self):
        """Send what lies between the cursor and the end, unless an earlier send still waits."""
        tail = self.tail
        while (not self.ended or self.ends_in_order) and self.cursor < tail.seen:
            if self.cursor < tail.oldest - 1:
                self.end(End.SLOW)
                return
            if self.blocked_since is not None:
                return
            self._send_batch(*tail.batch(self._wire, self.cursor))

    def _send_batch(self, events, end):
        try:
            waiting = self._write(events)
        except OSError:
            self.stop()  # the client has gone; a disconnect follows
            return
        self._sending = eager.start(self._send_all(waiting)) if waiting else None
        if self._sending is None:
            self._sent(end)
        else:
            self.blocked_since = time.monotonic()
            self._sending.add_done_callback(lambda task: self._unblocked(task, end))

    async def _send_all(self, events):
        for event in events:
            if self.ended and not self.ends_in_order:
                break
            try:
                await self._send(event)
            except OSError:  # uvicorn says so when the client has gone; a disconnect follows
                self.stop()

    def _unblocked(self, task, end):
        self.blocked_since = None
        if task.cancelled():  # the event loop ends, and the client has not read to the end
            return
        try:
            task.result()
            self._sent(end)
            self.step()
        except Exception:
            logger.exception("A connection ended by an error while it was sent lines")
            self.fail()

    def _sent(self, end):
        self.cursor = end
        if self._delivery is not None and self._delivery[0] <= end:
            self._release()

    def _release(self):
        if self._delivery is not None:
            _, future = self._delivery
            self._delivery = None
            if not future.done():
                future.set_result(None)

    async def delivered(self, seq):
        """Wait until the line `seq` was sent to this member, or the connection has ended."""
        if seq > self.cursor and not self.ended:
            self._delivery = (seq, asyncio.get_running_loop().create_future())
            if seq > self.tail.seen:
                self.tail.ring()
            await self._delivery[1]

    # Commands

    async def say(self, command):
        """Save what the member says, and wait until it has come back to them.

        Returns the `Said`; its `again` is true when the retry of something seen already needs an
        answer of its own. Raises `Refused`, and `Unavailable` when it could not be saved.
        """
        result = await self._says.submit(Saying(self.id, command.text, command.client_id))
        if isinstance(result, Refused):
            raise result  # the next look at our connections ends this one, and knows why
        seen_before = result.again and result.seq <= self.cursor
        await self.delivered(result.seq)
        return result._replace(again=seen_before)

    async def look(self):
        """(number, people as the wire has them) at what this member has seen of the room."""
        await self.tail.reach(self.cursor)
        return self.cursor, self.tail.encode_people(self._wire, self.cursor)

    async def history(self, command, database):
        """(lines, more): the lines before a number; `more` when there are older ones."""
        before = min(command.before, self.cursor + 1)
        lines = self.tail.between(max(before - command.limit, 1) - 1, before - 1)
        if len(lines) < min(command.limit, before - 1):
            lines = await database.ask(transcript.before, self.tail.room_id, before, command.limit)
        return lines, bool(lines) and lines[0].seq > 1

    async def messages(self, limit, database):
        """The newest messages up to what this member has seen."""
        return await database.ask(transcript.messages_until, self.tail.room_id, self.cursor, limit)

    # Ending

    def end(self, why):
        """Stop following and close the door. What is on its way still goes out on a restart."""
        if not self.ended:
            self.stop()
            self.ends_in_order = why is End.RESTART
            self._close(why)

    async def drained(self):
        """Wait until all that there is has gone out; not for ever."""
        deadline = time.monotonic() + DRAIN_WITHIN
        while self.blocked_since is not None and (left := deadline - time.monotonic()) > 0:
            await asyncio.wait([self._sending], timeout=left)
            await asyncio.sleep(0)  # the end of one begins the next

    def fail(self):
        self.end(End.ERROR)

    def stop(self):
        """Stop following; nothing more is sent."""
        self.ended, self.ends_in_order = True, False
        self.tail.followers.discard(self)
        self._release()

    def is_stuck(self, now):
        """Whether the client has taken nothing for too long, by the monotonic clock."""
        return self.blocked_since is not None and now - self.blocked_since > BLOCKED_TOO_LONG
