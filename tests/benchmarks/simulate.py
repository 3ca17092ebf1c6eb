"""Predicts what several processes deliver, from what things cost in one, and how far it goes.

    python -m tests.benchmarks.simulate [results.json]

The costs are fitted to the figures of one process and of one that only listens. The figures of two
and four processes are not used: they are what the simulation is tested by. Then it is asked about
machines and rooms that are not here.
"""

import argparse
import json
from collections import deque
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

import numpy
import simpy

from chat.live.database import GATHER
from tests.benchmarks.report import middle, rows

SLICE = 0.005  # seconds that a thread has Python before others may (sys.getswitchinterval)
TICK = 0.0014  # seconds that a thread has a core before others may (Linux's base slice, two cores)
ROUND_TRIPS = 6  # of a transaction, BEGIN and COMMIT too; after each the thread needs Python again
SHORTEST = 0.00005  # seconds that it needs it for
PIECES = 10  # in which a fan-out reaches the load
SECONDS, WARM_UP = 3, 1
COMMIT_WAIT = 0.0005  # seconds that a commit waits for the disk, without a core
SAVING = 0.5  # of a batch's cost falls on the thread that saves, under the room's lock


class Costs(NamedTuple):
    """Seconds of a core."""

    send: float  # to put a batch on one member's socket
    line: float  # a message in it
    batch: float  # to save one, and ring
    message: float  # to take one in and save it, in a batch
    hear: float  # to hear of another process's batch, and read it
    ring: float  # Redis: to pass a ring on to one process
    store: float  # PostgreSQL: a batch
    row: float  # PostgreSQL: a message in it
    read: float  # the load: a batch for one member
    count: float  # the load: a message in it


def costs(results):
    """What one process, and one that only listens, were measured to spend on each.

    Crowds of different sizes tell what a member costs from what a batch does; then the processes
    on PostgreSQL tell what a batch costs there.
    """
    crowds = [
        Work.of(report, int(members))
        for members, flights in results["fanout"]["sizes"]["web"].items()
        for report in flights.values()
    ]
    send, line, message, _ = fit(
        [[getattr(work, name) for work in crowds] for name in Work._fields],
        [work["server"] for work in _reports(results)],
    )
    read, counted = fit(
        [[work.sends for work in crowds], [work.deliveries for work in crowds]],
        [report["client"] for report in _reports(results)],
    )
    alone = list(results["processes"]["alone"].values())
    works = [Work.of(report, MEMBERS) for report in alone]
    batch = median(
        (report["server"] - send * w.sends - line * w.deliveries - message * w.messages) / w.batches
        for report, w in zip(alone, works, strict=True)
    )
    store, row = fit(
        [[work.batches for work in works], [work.messages for work in works]],
        [report["postgresql"] for report in alone],
    )
    witness = results["processes"]["witness"]
    hear = witness["witness"] / Work.of(witness, MEMBERS).batches
    ring = median(report["redis"] / w.batches for report, w in zip(alone, works, strict=True))
    return Costs(send, line, max(batch, 0.0), message, hear, ring, store, row, read, counted)


def _reports(results):
    for flights in results["fanout"]["sizes"]["web"].values():
        yield from flights.values()


class Work(NamedTuple):
    """What was done in a second."""

    sends: float
    deliveries: float
    messages: float
    batches: float

    @classmethod
    def of(cls, report, members):
        sends = report["deliveries"] / report["in_a_read"]
        return cls(sends, report["deliveries"], report["messages"], sends / members)


def fit(columns, values):
    """The costs, none below nothing, that explain shares of a core best, relative to each."""
    chosen = list(range(len(columns)))
    while True:
        matrix = numpy.array([columns[index] for index in chosen]).T / numpy.array(values)[:, None]
        found, *_ = numpy.linalg.lstsq(matrix, numpy.ones(len(values)), rcond=None)
        if (found >= 0).all():
            break
        chosen.pop(int(found.argmin()))
    costs = dict(zip(chosen, found.tolist(), strict=True))
    return [costs.get(index, 0.0) for index in range(len(columns))]


class World:
    """Some processes on some cores, beside them a database and a load, all in simulated time."""

    def __init__(self, costs, *, processes, cores, members, in_flight, load_core=True):
        self.costs = costs
        self.env = simpy.Environment()
        self.chance = Random(7)
        self.cores = simpy.Resource(self.env, cores)
        self.load = Load(self) if load_core else None
        self.log = simpy.Resource(self.env)  # the room's row lock
        self.last = 0  # messages saved
        self.delivered = 0
        share = members // processes
        self.processes = [Process(self, share) for _ in range(processes)]
        for number in range(in_flight):
            self.env.process(self.processes[number % processes].hear_say())

    def burn(self, seconds, python=None):
        """Use a core for some time, and have Python meanwhile, if it is a thread of that."""
        while seconds > 0:
            with python.request() if python else nullcontext() as turn:
                if python:  # who waits for that has no core yet
                    yield turn
                part = min(seconds, SLICE)
                yield from self._share_cores(part)
                seconds -= part

    def _share_cores(self, seconds):
        while seconds > 0:
            with self.cores.request() as core:
                yield core
                part = min(seconds, TICK)
                yield self.env.timeout(part)
                seconds -= part

    def deliveries(self):
        """Deliveries a second, once all has found its pace."""
        self.env.run(WARM_UP)
        before = self.delivered
        self.env.run(WARM_UP + SECONDS)
        return (self.delivered - before) / SECONDS


class Process:
    """A server process: what it sends and what it saves exclude each other, as Python has it."""

    def __init__(self, world, members):
        self.world, self.members = world, members
        self.env = world.env
        self.python = simpy.Resource(self.env)
        self.loop = simpy.Resource(self.env)  # one callback at a time, from its begin to its end
        self.seen = 0
        self.waiting, self.expected = 0, 1
        self.saving = self.sending = False
        self.enough = None
        self.mine = set()  # numbers of messages from here that have not been heard here yet

    def call(self, seconds):
        """Something that the event loop does."""
        with self.loop.request() as turn:
            yield turn
            yield from self.world.burn(seconds, self.python)

    # Saving

    def hear_say(self):
        """Somebody here says something."""
        yield from self.call(self.world.costs.message / 2)
        self.waiting += 1
        if not self.saving:
            self.saving = True
            self.env.process(self.save())
        elif self.enough is not None and self.waiting >= self.expected:
            self.go_on()

    def go_on(self):
        if not self.enough.triggered:
            self.enough.succeed()

    def save(self):
        costs, world = self.world.costs, self.world
        while self.waiting:
            if self.waiting < self.expected:
                self.enough = self.env.event()
                yield self.enough | self.env.timeout(GATHER)
                yield from self.call(SHORTEST)
                self.enough = None
            size, self.waiting = self.waiting, 0
            with world.log.request() as lock:
                yield lock
                ours = costs.batch * SAVING + size * costs.message / 2
                theirs = costs.store + size * costs.row
                for _ in range(ROUND_TRIPS):
                    yield from world.burn(max(ours / ROUND_TRIPS, SHORTEST), self.python)
                    yield from world.burn(theirs / ROUND_TRIPS)
                yield self.env.timeout(COMMIT_WAIT)
                first, world.last = world.last + 1, world.last + size
            self.expected = size + self.waiting
            self.mine.update(range(first, world.last + 1))
            yield from self.call(costs.batch * (1 - SAVING) + SHORTEST)
            if first > self.seen + 1:  # lines of another process come before
                yield from self.read()
            self.ring()
            for process in world.processes:
                self.env.process(process.hear_ring(self))
            while self.sending:
                yield self.env.timeout(SHORTEST)
        self.saving = False

    # Sending

    def hear_ring(self, ringing):
        """Redis passes the ring on to all; whoever has rung knows already."""
        yield from self.world.burn(self.world.costs.ring)
        if ringing is not self:
            yield from self.read()
            self.ring()

    def read(self):
        """Hear of new lines on the loop, read them on a thread, and take them in on the loop."""
        part = self.world.costs.hear / 3
        yield from self.call(part)
        yield from self.world.burn(part, self.python)
        yield from self.call(part)

    def ring(self):
        if not self.sending and self.seen < self.world.last:
            self.sending = True
            self.env.process(self.send())

    def send(self):
        world, costs = self.world, self.world.costs
        while self.seen < world.last:
            size, first, self.seen = world.last - self.seen, self.seen + 1, world.last
            speakers = [number for number in range(first, self.seen + 1) if number in self.mine]
            places = {number: world.chance.randrange(PIECES) for number in speakers}
            with self.loop.request() as turn:
                yield turn
                for piece in range(PIECES):
                    each = costs.send + size * costs.line
                    yield from world.burn(each * self.members / PIECES, self.python)
                    heard = [number for number, place in places.items() if place == piece]
                    self.env.process(self.arrive(size, heard))
        self.sending = False

    def arrive(self, size, heard):
        """A piece of a fan-out reaches the load; those who hear themselves speak again."""
        world, costs = self.world, self.world.costs
        members = self.members / PIECES
        if world.load is not None:
            yield world.load.take(members * (costs.read + size * costs.count))
        world.delivered += members * size
        for number in heard:
            self.mine.remove(number)
            self.env.process(self.hear_say())


class Load:
    """The process that reads it all: while it has a core it goes on with what comes."""

    def __init__(self, world):
        self.world = world
        self.pieces = deque()
        self.reading = False

    def take(self, seconds):
        """What happens when a piece, which takes so long, has been read."""
        read = self.world.env.event()
        self.pieces.append((seconds, read))
        if not self.reading:
            self.reading = True
            self.world.env.process(self.read())
        return read

    def read(self):
        env = self.world.env
        while self.pieces:
            with self.world.cores.request() as core:
                yield core
                end = env.now + TICK
                while self.pieces and env.now < end:
                    seconds, read = self.pieces.popleft()
                    yield env.timeout(seconds)
                    read.succeed()
        self.reading = False


def predict(costs, **world):
    return World(costs, **world).deliveries()


# What the tables say

MEMBERS = 500
ROOMS = ((1_000, 5), (10_000, 1), (100_000, 1), (1_000_000, 1), (1_000_000, 10))
FULL = 0.7  # of a core that one may plan with
TURNS = 10  # batches a second that members notice no delay by


def tables(results):
    """What was measured and predicted, and then what was not measured."""
    if len(results["fanout"]["sizes"]["web"]) < 2:
        yield "Left out: the costs are fitted to crowds of several sizes, and here is one."
    else:
        yield from _predictions(results)


def _predictions(results):
    prices, measured = costs(results), results["processes"]
    yield "Fitted to one process, in µs of a core: " + ", ".join(
        f"{name} {1e6 * price:.1f}" for name, price in prices._asdict().items()
    )
    yield ""
    yield from rows(
        [
            *("processes, in flight", "measured deliveries/s", "predicted", "error"),
            "of one process, measured and predicted",
        ],
        list(_compared(measured, prices)),
    )
    yield ""
    yield "The same with cores enough for everything:"
    yield ""
    yield from rows(
        ["processes", "predicted deliveries/s, 64 in flight", "of one"],
        list(_with_cores(prices)),
    )
    yield ""
    yield "One room at a steady pace:"
    yield ""
    yield from rows(
        [
            *("members", "messages/s", "deliveries/s"),
            *("processes", "rings heard/s", "the room's lock held"),
        ],
        [_room(prices, members, pace) for members, pace in ROOMS],
    )


def _compared(measured, prices):
    of_one = {}  # in flight -> what one process does, measured and predicted
    for number, flights in measured["rounds"].items():
        for flight, rounds in flights.items():
            found = middle(rounds)
            told = predict(
                prices, processes=int(number), cores=2, members=MEMBERS, in_flight=int(flight)
            )
            found_of_one, told_of_one = of_one.setdefault(flight, (found, told))
            yield [
                f"{number}, {flight}",
                f"{found:,.0f}",
                f"{told:,.0f}",
                f"{told / found - 1:+.0%}",
                f"{found / found_of_one:.2f}, {told / told_of_one:.2f}",
            ]


def _with_cores(prices):
    base = None
    for number in (1, 2, 4, 8):
        told = predict(
            prices,
            processes=number,
            cores=2 * number + 4,
            members=2_000 * number,
            in_flight=64,
            load_core=False,
        )
        base = base or told
        yield [f"{number}, {2_000 * number:,} members", f"{told:,.0f}", f"{told / base:.1f}"]


def _room(prices, members, pace):
    """How many processes a room needs when each member is sent at most `TURNS` batches a second."""
    batches = min(pace, TURNS)
    lock = batches * (prices.batch * SAVING + prices.store + COMMIT_WAIT)
    lock += pace * (prices.message / 2 + prices.row)
    for processes in count(1):
        share = members / processes
        busy = batches * (share * prices.send + prices.hear) + pace * share * prices.line
        busy += (batches * prices.batch + pace * prices.message) / processes
        if busy <= FULL:
            break
    return [
        f"{members:,}",
        str(pace),
        f"{members * pace:,}",
        f"{processes:,}",
        f"{batches * processes:,.0f}",
        f"{lock:.1%}",
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    results = Path(__file__).parent / "results.json"
    parser.add_argument("results", nargs="?", type=Path, default=results)
    options = parser.parse_args()
    print("\n".join(tables(json.loads(options.results.read_text()))))


if __name__ == "__main__":
    main()
