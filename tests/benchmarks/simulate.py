"""Predicts what several processes deliver, from what things cost in one, and how far it goes.

    python -m tests.benchmarks.simulate [results.json]

The costs are fitted to the figures of one process: alone, and while others only listen and all
share the cores, which makes everything dearer. The figures of two and four processes whose members
all speak are not used: they are what the simulation is tested by. Then it is asked about machines
and rooms that are not here.
"""

import argparse
import json
from collections import deque
from functools import cache
from itertools import chain, count
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

import numpy
import simpy

from chat.live.database import GATHER, GATHER_AGAIN, TOLD_WITHIN
from tests.benchmarks.report import middle, rows

SLICE = 0.005  # seconds that a thread has Python before others may (sys.getswitchinterval)
TICK = 0.0014  # seconds that a thread has a core before others may (Linux's base slice, two cores)
ROUND_TRIPS = 5  # of a transaction, BEGIN and COMMIT too; after each the thread needs Python again
SHORTEST = 0.00005  # seconds that it needs it for
RING_TRIPS = 4  # to Redis, to send to a group
PIECES = 10  # in which a fan-out reaches the load
SECONDS, WARM_UP = 3, 1
COMMIT_WAIT = 0.0005  # seconds that a commit waits for the disk, without a core
# Shares of what a batch costs, by the processor time of threads and a profile.
SAVING = 0.4  # on the thread that saves, under the room's lock
RINGING = 0.25  # on the loop, beside all else
RECEIVING = 0.3  # of what it costs to hear of a batch: to be told. The rest is to read it


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
    look: float  # PostgreSQL: to give another process's batch
    read: float  # the load: a batch for one member
    count: float  # the load: a message in it

    def times(self, crowding):
        """What they are where all is so much dearer."""
        return Costs(*(crowding * price for price in self))


def costs(calibration):
    """(Costs, {processes: times as much}): what one process, and those that listen, have spent.

    Crowds of two sizes tell what a member costs from what a batch does. Where several processes
    share the cores each step costs more, since whoever returns to a core finds its caches gone: as
    much more as it did for the one that spoke while the others listened.
    """
    reports = [
        (report, Work.of(report, int(members)))
        for members, flights in calibration["alone"].items()
        for report in chain.from_iterable(flights.values())
    ]
    columns = {name: [getattr(work, name) for _, work in reports] for name in Work._fields}

    def explain(who, *names):
        return fit([columns[name] for name in names], [report[who] for report, _ in reports])

    send, line, batch, message = explain("server", "sends", "deliveries", "batches", "messages")
    read, counted = explain("client", "sends", "deliveries")
    store, row = explain("postgresql", "batches", "messages")
    # In all, since one round takes next to nothing of Redis's time.
    ring = sum(report["redis"] for report, _ in reports) / sum(columns["batches"])
    crowding, hears, looks = {}, [], []
    for processes, flights in calibration["listening"].items():
        listeners = int(processes) - 1
        shared = [  # each process has as many members as the others
            (report, Work.of(report, MEMBERS // (1 + listeners)))
            for report in chain.from_iterable(flights.values())
        ]
        fan_out = [send * work.sends + line * work.deliveries for _, work in shared]
        crowding[processes] = times = median(
            report["first"] / (sent + batch * work.batches + message * work.messages)
            for (report, work), sent in zip(shared, fan_out, strict=True)
        )
        for (report, work), sent in zip(shared, fan_out, strict=True):
            listening = (report["server"] - report["first"]) / listeners / times
            looking = report["postgresql"] / times - store * work.batches - row * work.messages
            hears.append((listening - sent) / work.batches)
            looks.append(looking / work.batches / listeners)
    hear, look = max(median(hears), 0.0), max(median(looks), 0.0)
    found = Costs(send, line, batch, message, hear, ring, store, row, look, read, counted)
    return found, crowding


class Work(NamedTuple):
    """What a process did in a second."""

    sends: float
    deliveries: float
    messages: float
    batches: float

    @classmethod
    def of(cls, report, members):
        batches = report["messages"] * report["batches"] / report["told"]
        messages = report["messages"]
        return cls(batches * members, messages * members, messages, batches)


def fit(columns, values):
    """The costs, none below nothing, that explain shares of a core best, relative to each."""
    chosen = list(range(len(columns)))
    while True:
        matrix = numpy.array([columns[index] for index in chosen]).T / numpy.array(values)[:, None]
        found, *_ = numpy.linalg.lstsq(matrix, numpy.ones(len(values)), rcond=None)
        if (found >= 0).all():
            break
        chosen.pop(int(found.argmin()))
    # The last digits are those of this processor's linear algebra; what follows may turn on them.
    costs = {index: float(f"{cost:.6g}") for index, cost in zip(chosen, found, strict=True)}
    return [costs.get(index, 0.0) for index in range(len(columns))]


class World:
    """Some processes on some cores, beside them a database and a load, all in simulated time."""

    def __init__(self, costs, *, processes, cores, members, in_flight, load_core=True):
        self.costs = costs
        self.env = simpy.Environment()
        self.chance = Random(7)
        self.cores = [simpy.Resource(self.env) for _ in range(cores)]
        self.load = Load(self) if load_core else None
        self.log = simpy.Resource(self.env)  # the room's row lock
        self.last = 0  # messages saved
        self.delivered = 0
        share = members // processes
        self.processes = [Process(self, share) for _ in range(processes)]
        for number in range(in_flight):
            self.env.process(self.processes[number % processes].hear_say())

    def burn(self, seconds, python=None, pieces=1, passed=lambda piece: None):
        """Use a core for some time, and have Python meanwhile, if it is a thread of that.

        `passed(piece)` is called after each of as many equal pieces.
        """
        turn = python and python.request()
        if python:  # who waits for that has no core yet
            yield turn
        since = self.env.now
        for piece in range(pieces):
            left = seconds / pieces
            while left > 0:
                part = min(left, SLICE)
                yield from self._share_cores(part)
                left -= part
                if python and python.queue and self.env.now - since >= SLICE:
                    python.release(turn)
                    turn = python.request()
                    yield turn
                    since = self.env.now
            passed(piece)
        if python:
            python.release(turn)

    def _share_cores(self, seconds):
        while seconds > 0:
            # Where the fewest wait. Once there, one waits, though another core becomes idle: it is
            # so for too short a time to be given something else.
            with min(self.cores, key=_crowd).request() as core:
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


def _crowd(core):
    return core.count + len(core.queue)


class Process:
    """A server process: what it sends and what it saves exclude each other, as Python has it."""

    def __init__(self, world, members):
        self.world, self.members = world, members
        self.env = world.env
        self.python = simpy.Resource(self.env)
        self.loop = simpy.Resource(self.env)  # one callback at a time, from its begin to its end
        self.ear = simpy.Resource(self.env)  # one ring after the other is taken from Redis
        self.known = 0  # lines here; all of them are sent as soon as they are
        self.reading = None  # the process that reads on, while it does
        self.rung = False
        self.waiting, self.expected = 0, 1
        self.saving = False
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
        while self.waiting:
            yield from self.gather()
            size, self.waiting = self.waiting, 0
            first, last = yield from self.commit(size)
            self.expected = size + self.waiting
            self.mine.update(range(first, last + 1))
            yield from self.tell(first, last)
        self.saving = False

    def gather(self):
        if self.waiting < self.expected and self.reading is not None:
            yield self.reading | self.env.timeout(TOLD_WITHIN)
        for _ in range(GATHER_AGAIN):
            waited = self.waiting
            if waited >= self.expected:
                break
            self.enough = self.env.event()
            yield self.enough | self.env.timeout(GATHER)
            yield from self.call(SHORTEST)
            self.enough = None
            if self.waiting == waited:
                break

    def commit(self, size):
        """(first, last): the numbers of a batch that the thread has saved, in one transaction."""
        costs, world = self.world.costs, self.world
        ours = (costs.batch * SAVING + size * costs.message / 2) / ROUND_TRIPS
        theirs = (costs.store + size * costs.row) / ROUND_TRIPS

        def take_trip():
            yield from world.burn(max(ours, SHORTEST), self.python)
            yield from world.burn(theirs)

        yield from take_trip()  # BEGIN
        with world.log.request() as lock:
            yield lock
            for _ in range(ROUND_TRIPS - 1):
                yield from take_trip()
            yield self.env.timeout(COMMIT_WAIT)
            first, world.last = world.last + 1, world.last + size
        yield from world.burn(SHORTEST, self.python)
        return first, first + size - 1

    def tell(self, first, last):
        """What the loop does with a batch that is saved: ring, and send it, or read on first."""
        with self.loop.request() as turn:
            yield turn
            telling = 1 - SAVING - RINGING
            yield from self.world.burn(self.world.costs.batch * telling, self.python)
            self.env.process(self.ring())
            if first == self.known + 1:
                yield from self.send(last)
            else:  # lines of another process come before
                self.hear_ring()

    # Reading

    def ring(self):
        """Tell the others through Redis, a few questions and answers after the other."""
        costs = self.world.costs
        for _ in range(RING_TRIPS):
            yield from self.call(costs.batch * RINGING / RING_TRIPS)
        for process in self.world.processes:
            yield from self.world.burn(costs.ring)
            if process is not self:  # who has rung knows already
                self.env.process(process.receive_ring())

    def receive_ring(self):
        """Take a ring from Redis."""
        with self.ear.request() as turn:
            yield turn
            yield from self.call(self.world.costs.hear * RECEIVING)
        self.hear_ring()

    def hear_ring(self):
        """Read on, unless that is being done; then once more."""
        self.rung = True
        if self.reading is None:
            self.reading = self.env.process(self.read())

    def read(self):
        """Ask on the loop, read on a thread, take in and send on the loop."""
        part = self.world.costs.hear * (1 - RECEIVING) / 3
        while self.rung:
            self.rung = False
            yield from self.call(part)
            yield from self.world.burn(self.world.costs.look)
            found = self.world.last
            yield from self.world.burn(part, self.python)
            with self.loop.request() as turn:
                yield turn
                if found > self.known:
                    yield from self.world.burn(part, self.python)
                    yield from self.send(found)
        self.reading = None

    # Sending

    def send(self, last):
        """Send everybody here what is new up to `last`; the loop does nothing else meanwhile."""
        world, costs = self.world, self.world.costs
        size, first, self.known = last - self.known, self.known + 1, last
        speakers = [number for number in range(first, last + 1) if number in self.mine]
        places = {number: world.chance.randrange(PIECES) for number in speakers}

        def passed(piece):
            heard = [number for number, place in places.items() if place == piece]
            self.env.process(self.arrive(size, heard))

        each = costs.send + size * costs.line
        yield from world.burn(each * self.members, self.python, PIECES, passed)

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
            with self.world.cores[-1].request() as core:  # it is kept on one
                yield core
                end = env.now + TICK
                while self.pieces and env.now < end:
                    seconds, read = self.pieces.popleft()
                    yield env.timeout(seconds)
                    read.succeed()
        self.reading = False


@cache
def predict(costs, **world):
    """Deliveries a second; see `World` for what it can be."""
    return World(costs, **world).deliveries()


# What the tables say

MEMBERS = 500
ROOMS = ((1_000, 5), (10_000, 1), (100_000, 1), (1_000_000, 1), (1_000_000, 10))
FULL = 0.7  # of a core that one may plan with
TURNS = 10  # batches a second that members notice no delay by


def tables(measured):
    """What was measured and predicted, and then what was not measured."""
    prices, crowding = costs(measured["calibration"])
    yield "Fitted to one process, in µs of a core: " + ", ".join(
        f"{name} {1e6 * price:.1f}" for name, price in prices._asdict().items()
    )
    for processes, times in crowding.items():
        yield f"Where {processes} processes share the cores, each is {times:.2f} times as much."
    yield ""
    yield from rows(
        [
            *("processes, in flight", "measured deliveries/s", "predicted", "error"),
            "of one process, measured and predicted",
        ],
        list(_compared(measured, prices, crowding)),
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


def _compared(measured, prices, crowding):
    of_one = {}  # in flight -> what one process does, measured and predicted
    for number, flights in measured["rounds"].items():
        for flight, rounds in flights.items():
            found = middle(rounds)
            told = predict(
                prices.times(crowding.get(number, 1)),
                processes=int(number),
                cores=2,
                members=MEMBERS,
                in_flight=int(flight),
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
    print("\n".join(tables(json.loads(options.results.read_text())["processes"])))


if __name__ == "__main__":
    main()
