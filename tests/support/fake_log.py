"""A room's log without a database, for tests of the live layer."""

import datetime

from django.db import OperationalError

from chat.live.tail import Tail
from chat.models import Line
from chat.room import state
from chat.room.excerpts import Excerpt
from chat.room.log import Counters
from chat.room.state import RoomState
from chat.wire import legacy

NOON = datetime.datetime(2026, 1, 2, 12, 30, tzinfo=datetime.UTC)


def line(seq, kind="said", name="alice", text="", of=None, removed=False):
    """Return a row of the log. The text is its number unless given."""
    return Line(
        seq=seq, kind=kind, name=name, text=text or str(seq), at=NOON, of=of, removed=removed
    )


class FakeLog:
    """A room's log in memory that `Tail` reads as it reads the database.

    `last` is the room's counter where it is not the number of the last row.
    """

    def __init__(self, *rows):
        self.rows = list(rows)
        self.people = {}
        self.revision = 0
        self.broken = False
        self.last = None

    async def read(self, function, room_id, *args):
        if self.broken:
            raise OperationalError
        last = self.last or (self.rows[-1].seq if self.rows else 0)
        if function is state.read:
            counters = Counters(last, self.revision)
            return RoomState(
                counters=counters,
                people=dict(self.people),
                lines=self.rows[-args[0] :],
                newest=Excerpt(first=1, last=last, lines=[], skipped=[]),
            )
        after, limit = args
        return [row for row in self.rows if row.seq > after][:limit]


class FakeClock:
    """Stands in for the module `time`."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


class FakeFollower:
    """Collects in `heard` what a tail sends. A step moves `clock` by `takes` seconds."""

    takes, clock = 0, None

    def __init__(self, tail, wire=legacy):
        self.tail, self.wire, self.cursor = tail, wire, tail.recent.seen
        self.heard = []
        tail.followers[self] = None

    def step(self):
        while self.cursor < self.tail.recent.seen:
            events, self.cursor = self.tail.encoder.batch(self.wire, self.cursor)
            self.heard += events
        if self.clock is not None:
            self.clock.now += self.takes


async def open_tail(log):
    """Return an open tail of a log."""
    tail = Tail(1, log)
    await tail.open()
    return tail


async def ring(tail):
    """Ring a tail and wait until it has read everything."""
    tail.ring()
    while tail.running is not None:
        await tail.running
