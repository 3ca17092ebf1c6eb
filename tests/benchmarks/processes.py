"""Several processes with PostgreSQL and Redis: what they deliver together, and what it takes.

A batch is one transaction with what waited; a ring is one message through Redis that says that
there is something new.
"""

from contextlib import ExitStack
from math import inf
from statistics import median

import psycopg
import redis

from tests.benchmarks.candidates import Site
from tests.benchmarks.report import in_range, middle, rows
from tests.benchmarks.running import Crowd
from tests.support.services import PostgreSQL, Redis

MEMBERS = 500
IN_FLIGHT = (16, 64)
PROCESSES = (1, 2, 4)
CALIBRATION = {100: (4, 64), MEMBERS: (1, 4, *IN_FLIGHT)}  # members -> in flight
STATEMENTS = "pg_stat_statements"


class Cluster:
    """Some `serve` processes on one database, each with a port of its own, as one candidate."""

    wire = "web"
    at_once = inf

    def __init__(self, postgresql, bus, count):
        self.postgresql, self.bus = postgresql, bus
        first = Site(postgresql=postgresql.url, accounts=MEMBERS, REDIS_URL=bus.url)
        shared = {name: first.environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
        self.sites = [first, *(Site(**shared) for _ in range(count - 1))]

    def __enter__(self):
        with ExitStack() as stack:
            for site in self.sites:
                stack.callback(site.__exit__)
            for site in self.sites:
                site.begin()
            for site in self.sites:
                site.await_ready()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc_info):
        self._stack.close()

    @property
    def ports(self):
        return [port for site in self.sites for port in site.ports]

    @property
    def pids(self):
        return [pid for site in self.sites for pid in site.pids]

    def cookies(self, count):
        return self.sites[0].cookies(count)

    @property
    def beside(self):
        """The pids of the services, by name, and of the first of the processes."""
        return {
            "postgresql": [self.postgresql.pid],
            "redis": [self.bus.process.pid],
            "first": self.sites[0].pids,
        }


class Counted:
    """How often the database and the bus are asked."""

    def __init__(self, cluster):
        self.postgresql = cluster.postgresql.url
        self.bus = redis.Redis.from_url(cluster.bus.url)
        self.processes = len(cluster.sites)

    def during(self, crowd, **phase):
        """A crowd's report of a phase, with {"statements", "batches", "rings"}."""
        self._ask(f"SELECT {STATEMENTS}_reset()")
        self.bus.config_resetstat()
        return crowd.phase(**phase) | self._counted()

    def _counted(self):
        ((statements, batches),) = self._ask(
            "SELECT coalesce(sum(calls), 0),"
            " coalesce(sum(calls) FILTER (WHERE query LIKE '%INSERT INTO chat_message %'), 0)"
            # Not those by which PostgreSQL itself looks after foreign keys.
            f" FROM {STATEMENTS} WHERE query NOT LIKE 'SELECT $2 FROM ONLY%'"
            "  AND query NOT LIKE 'SELECT 1 FROM ONLY%'"
        )
        # channels_redis runs a script to send to a group, and one to take what was sent, which
        # each of the processes does.
        scripts = self.bus.info("commandstats").get("cmdstat_eval", {"calls": 0})["calls"]
        rings = scripts / (1 + self.processes)
        return {"statements": int(statements), "batches": int(batches), "rings": rings}

    def _ask(self, statement):
        with psycopg.connect(self.postgresql, autocommit=True) as connection:
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {STATEMENTS}")
            return connection.execute(statement).fetchall()


def measure(plan):
    """{"rounds": {processes: {in flight: [report, a round each]}}, "calibration"}

    A report is the load's, with what was counted. `tests.benchmarks.simulate` takes what things
    cost from the calibration: {"alone": {members: {in flight: [report]}}} of one process, and
    {"listening": {processes: {in flight: [report]}}} of several of which only the first's members
    speak.
    """
    counts = PROCESSES[:2] if plan.quick else PROCESSES
    flights = IN_FLIGHT[:1] if plan.quick else IN_FLIGHT
    results = {str(number): {str(flight): [] for flight in flights} for number in counts}
    alone = {str(members): {} for members in CALIBRATION}
    listening = {str(number): {} for number in counts[1:]}
    with PostgreSQL(shared_preload_libraries=STATEMENTS) as postgresql:
        for turn in range(plan.rounds):
            for number in counts:
                plan.say(f"{number} processes, round {turn + 1} of {plan.rounds}")
                with Redis() as bus, Cluster(postgresql, bus, number) as processes:
                    if number == 1:
                        _measure_one(plan, processes, alone)
                    else:
                        speaking = results[str(number)], listening[str(number)]
                        _measure_several(plan, processes, flights, *speaking)
    results["1"] = {str(flight): alone[str(MEMBERS)][str(flight)] for flight in flights}
    return {"rounds": results, "calibration": {"alone": alone, "listening": listening}}


def _measure_one(plan, processes, alone):
    counted = Counted(processes)
    for members, flights in CALIBRATION.items():
        with Crowd(processes, members, beside=processes.beside) as crowd:
            for flight in flights:
                report = counted.during(crowd, in_flight=flight, seconds=plan.seconds)
                alone[str(members)].setdefault(str(flight), []).append(report)


def _measure_several(plan, processes, flights, speaking, listening):
    """While members of the first process speak, and then while members of all do.

    One right after the other, since machines are not equally fast in every minute.
    """
    counted = Counted(processes)
    ways = ((listening, {"port": processes.ports[0]}), (speaking, {}))
    with Crowd(processes, MEMBERS, pinned=False, beside=processes.beside) as crowd:
        for flight in flights:
            for reports, who in ways:
                report = counted.during(crowd, in_flight=flight, seconds=2 * plan.seconds, **who)
                reports.setdefault(str(flight), []).append(report)


def tables(result):
    result = result["rounds"]
    yield (
        f"{MEMBERS} members spread over the processes. A single process has one core to itself, "
        "and the load the other; several share both with the load. PostgreSQL and Redis may run on "
        "either. Shares of a core."
    )
    yield ""
    yield from rows(
        [
            *("processes, in flight", "deliveries/s", "of one process", "p50 / p99"),
            *("servers", "PostgreSQL", "Redis", "load", "statements, rings a message"),
        ],
        [
            [
                f"{number}, {flight}",
                in_range([each["deliveries"] for each in rounds]),
                f"{middle(rounds) / middle(result['1'][flight]):.2f}",
                f"{middle(rounds, 'latency_p50'):.0f} / {middle(rounds, 'latency_p99'):.0f} ms",
                *(f"{middle(rounds, who):.0%}" for who in _WHO),
                f"{_each(rounds, 'statements'):.2f}, {_each(rounds, 'rings'):.3f}",
            ]
            for number, flights in result.items()
            for flight, rounds in flights.items()
        ],
    )


_WHO = ("server", "postgresql", "redis", "client")


def _each(rounds, what):
    return median(each[what] / each["told"] for each in rounds)
