"""The end of a room's log in this process: new rows are read once, and followers are woken.

A connection is a cursor into the log. What lies between its cursor and the end is sent as one
batch, and every line is encoded once per format, however many receive it.
"""

import asyncio
import logging
import time

from chat.live.database import Unavailable
from chat.models import Person
from chat.room import presence, transcript

logger = logging.getLogger("chat.tail")

KEPT = 600  # newest lines in memory, at least; a follower that lags further is cut
SLACK = 100  # lines above that, so that the oldest are forgotten many at a time
BATCHES = 16  # different cursors whose batch is kept; most stand at the same few
BATCH_BYTES = 256 * 1024  # of encoded lines in one batch, unless one line is longer
READ_AT_ONCE = 500  # rows in one query
PASSING = {"entered", "left"}  # kinds of lines that may wait for others


class Tail:
    """The newest lines of one room, who is in it, and the connections that follow."""

    def __init__(self, room_id, database):
        self.room_id = room_id
        self.seen = 0
        self.oldest = 1  # the number of the oldest line in memory; one past the end without any
        self.lines = []
        self.people = {}
        self.followers = set()
        self._database = database
        self._revision = 0
        self.running = None
        self._rung = False
        self._waiters = []
        self._encoded = {}
        self._batches = {}
        self._listed = {}  # wire -> (number, who was there at it, all encoded as one)
        self._woken = 0  # the number up to which followers were woken
        self._rested = 0.0  # when there was as much time without waking as the last one took
        self._timer = None  # wakes then

    async def open(self):
        """Read the room as it is now. Raises `Unavailable`."""
        self._take(await self._database.read(presence.state, self.room_id, KEPT))

    def _take(self, state):
        self.seen, self._revision = state.counters
        self.people = state.people
        self.lines = state.lines
        self._woken = self.seen
        self.oldest = self.seen - len(self.lines) + 1
        self._encoded.clear()
        self._batches.clear()
        self._listed.clear()

    # Reading

    def ring(self):
        """Something may be new: read, and wake the followers. Never waits; rings may repeat."""
        self._rung = True
        if self.running is None:
            self.running = asyncio.get_running_loop().create_task(self._read())

    def offer(self, lines):
        """Lines that were just saved here, in their order. If they are the next, none is read."""
        if self._revision is not None and lines[0].seq == self.seen + 1:
            self._take_in(lines)
        else:
            self.ring()

    def compare(self, counters):
        """Ring when the room's counters show what was missed; the poll does this."""
        if counters.revision != self._revision:
            self._revision = None  # read everything anew
            self.ring()
        elif counters.last_seq > self.seen:
            self.ring()

    async def _read(self):
        try:
            while self._rung:
                self._rung = False
                if self._revision is None:
                    await self._read_anew()
                else:
                    await self._read_on()
        except Unavailable as error:
            logger.warning("Room %s cannot be read now: %s", self.room_id, type(error).__name__)
        except Exception:
            logger.exception("Room %s cannot be read", self.room_id)
        finally:
            self.running = None

    async def _read_anew(self):
        self._take(await self._database.read(presence.state, self.room_id, KEPT))
        self._wake()

    async def _read_on(self):
        found = await self._database.read(transcript.after, self.room_id, self.seen, READ_AT_ONCE)
        if len(found) == READ_AT_ONCE:
            self._rung = True
        # Meanwhile some may have come by `offer`.
        if rows := [line for line in found if line.seq > self.seen]:
            self._take_in(rows)

    def _take_in(self, rows):
        if self.seen + len(rows) - self._woken > KEPT:
            self._wake()  # or what they have not been sent would be forgotten
        self._add(rows)
        if all(line.kind in PASSING for line in rows):
            self._wake_in_time()
        else:
            self._wake()

    def _add(self, rows):
        for line in rows:
            if line.seq != self.seen + 1:
                raise AssertionError(f"line {line.seq} of room {self.room_id} follows {self.seen}")
            self.seen = line.seq
            self.lines.append(line)
            match line.kind:
                case "entered":
                    self.people[line.seq] = Person(line.name, line.guest)
                case "left":
                    self.people.pop(line.of, None)
                case "removed":
                    self._entomb(line.of)
        self._batches.clear()
        if len(self.lines) > KEPT + SLACK:
            self._forget(len(self.lines) - KEPT)

    def _entomb(self, seq):
        place = seq - self.oldest
        if 0 <= place < len(self.lines):
            self.lines[place] = self.lines[place]._replace(text="", removed=True)
            for encoded in self._encoded.values():
                encoded.pop(seq, None)

    def _forget(self, count):
        forgotten = self.lines[:count]
        del self.lines[:count]
        self.oldest += count
        for encoded in self._encoded.values():
            for line in forgotten:
                encoded.pop(line.seq, None)

    # Waking

    def _wake_in_time(self):
        """Wake for lines that only say who came and went, when others have had their time.

        When thousands come in together each of them is told to all: that took all the time there
        was, and everybody waited at the door.
        """
        pause = self._rested - time.monotonic()
        if pause <= 0:
            self._wake()
        else:
            self._answer_waiters()
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(pause, self._wake)

    def settle(self):
        """Wake now for what waits; the process is about to stop."""
        if self._timer is not None:
            self._wake()

    def _wake(self):
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        began, self._woken = time.monotonic(), self.seen
        for follower in list(self.followers):
            try:
                follower.step()
            except Exception:
                logger.exception("A connection ended by an error while it was sent lines")
                follower.fail()
        ended = time.monotonic()
        self._rested = ended + (ended - began)
        self._answer_waiters()

    def _answer_waiters(self):
        due = [future for seq, future in self._waiters if seq <= self.seen]
        self._waiters = [waiter for waiter in self._waiters if waiter[0] > self.seen]
        for future in due:
            if not future.done():
                future.set_result(None)

    async def reach(self, seq):
        """Wait until the line `seq` is in memory."""
        if seq > self.seen:
            future = asyncio.get_running_loop().create_future()
            self._waiters.append((seq, future))
            self.ring()
            await future

    # Answers

    def between(self, after, until):
        """The lines after one number and up to another, as far as they are in memory."""
        start = self.oldest
        return self.lines[max(after + 1 - start, 0) : max(until + 1 - start, 0)]

    def encode(self, wire, lines):
        """Each line's bytes, made once for those in memory. Others may be out of date: not kept."""
        known = self._encoded.setdefault(wire, {})
        return [
            self._encode_once(wire, known, line) if self._holds(line) else wire.encode(line)
            for line in lines
        ]

    def _encode_once(self, wire, known, line):
        if (data := known.get(line.seq)) is None:
            data = known[line.seq] = wire.encode(line)
        return data

    def _holds(self, line):
        place = line.seq - self.oldest
        return 0 <= place < len(self.lines) and self.lines[place] is line

    def batch(self, wire, cursor):
        """(events, number): what brings a cursor to the end, or a good part of the way to it.

        The same list for all who stand there. It is bounded, since each of many that lag may
        stand somewhere else, and hold its own.
        """
        key = (wire, cursor)
        if (found := self._batches.get(key)) is None:
            encoded = first_of(self.encode(wire, self.between(cursor, self.seen)))
            found = self._batches[key] = wire.batch(encoded), cursor + len(encoded)
            if len(self._batches) > BATCHES:
                del self._batches[next(iter(self._batches))]
        return found

    def encode_people(self, wire, seq):
        """The wire's bytes for who was in the room at a number; many ask for the same one."""
        number, encoded = self._listed.get(wire, (None, b""))
        if number != seq:
            encoded = wire.encode_people(self.people_at(seq))
            self._listed[wire] = seq, encoded
        return encoded

    def people_at(self, seq):
        """Who was in the room at a number, in the order of entering."""
        here = dict(self.people)
        if seq < self.seen:
            for line in reversed(self.between(seq, self.seen)):
                if line.kind == "entered":
                    here.pop(line.seq, None)
                elif line.kind == "left":
                    here[line.of] = Person(line.name, line.guest)
        return [here[entered] for entered in sorted(here)]


def first_of(encoded):
    """The first of some encoded lines, as many as one batch may have."""
    size = 0
    for number, data in enumerate(encoded):
        size += len(data)
        if size > BATCH_BYTES and number:
            return encoded[:number]
    return encoded


def last_of(encoded):
    """The last of them, likewise."""
    return first_of(encoded[::-1])[::-1]
