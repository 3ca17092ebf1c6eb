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
from tests.services import PostgreSQL, Redis

MEMBERS = 500
IN_FLIGHT = (16, 64)
PROCESSES = (1, 2, 4)
CALIBRATION = {100: (4, 64), MEMBERS: (1, 4, *IN_FLIGHT)}  # members -> in flight
STATEMENTS = "pg_stat_statements"


class Cluster:
    """Some `serve` processes on one database, each with a port of its own, as one candidate."""

    wire = "web"
    at_once = inf

    def __init__(self, postgresql, bus, count, *, listening=False):
        self.listening = listening  # only members of the first process speak
        self.postgresql, self.bus = postgresql, bus
        first = Site(postgresql=postgresql.url, REDIS_URL=bus.url)
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
        ports = [port for site in self.sites for port in site.ports]
        if self.listening:  # the last to enter speak
            return [port for port in reversed(ports) for _ in range(MEMBERS // len(ports))]
        return ports

    @property
    def pids(self):
        return [pid for site in self.sites[: 1 if self.listening else None] for pid in site.pids]

    def cookies(self, count):
        return self.sites[0].cookies(count)

    @property
    def beside(self):
        """The pids of the services, by name, and of the processes that only listen."""
        services = {"postgresql": [self.postgresql.pid], "redis": [self.bus.process.pid]}
        if self.listening:
            services["listeners"] = [pid for site in self.sites[1:] for pid in site.pids]
        return services


class Counted:
    """How often the database and the bus were asked, between `start` and `stop`."""

    def __init__(self, cluster):
        self.postgresql = cluster.postgresql.url
        self.bus = redis.Redis.from_url(cluster.bus.url)
        self.processes = len(cluster.sites)

    def start(self):
        """Count from here on."""
        self._ask(f"SELECT {STATEMENTS}_reset()")
        self.bus.config_resetstat()

    def stop(self):
        """{"statements", "batches", "rings"} since the start."""
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
    {"listeners": 3, "listening": {in flight: [report]}} of one beside as many that only listen.
    """
    counts = PROCESSES[:2] if plan.quick else PROCESSES
    flights = IN_FLIGHT[:1] if plan.quick else IN_FLIGHT
    results = {str(number): {str(flight): [] for flight in flights} for number in counts}
    alone = {str(members): {} for members in CALIBRATION}
    listening = {}
    with PostgreSQL(shared_preload_libraries=STATEMENTS) as postgresql:
        for turn in range(plan.rounds):
            for number in counts:
                plan.say(f"{number} processes, round {turn + 1} of {plan.rounds}")
                with Redis() as bus, Cluster(postgresql, bus, number) as processes:
                    if number > 1:
                        _add(results[str(number)], _phases(plan, processes, MEMBERS, flights))
                        continue
                    for members, calibration in CALIBRATION.items():
                        reports = _phases(plan, processes, members, calibration, pinned=True)
                        _add(alone[str(members)], reports)
            plan.say("what it costs to listen")
            with Redis() as bus, Cluster(postgresql, bus, counts[-1], listening=True) as processes:
                _add(listening, _phases(plan, processes, MEMBERS, IN_FLIGHT))
    results["1"] = {str(flight): alone[str(MEMBERS)][str(flight)] for flight in flights}
    calibration = {"alone": alone, "listeners": counts[-1] - 1, "listening": listening}
    return {"rounds": results, "calibration": calibration}


def _add(flights, reports):
    for flight, report in reports.items():
        flights.setdefault(str(flight), []).append(report)


def _phases(plan, processes, members, flights, *, pinned=False):
    """{in flight: report}, one after the other. Unless pinned, all share both cores."""
    counted, reports = Counted(processes), {}
    with Crowd(processes, members, pinned=pinned, beside=processes.beside) as crowd:
        for flight in flights:
            counted.start()
            reports[flight] = crowd.phase(in_flight=flight, seconds=plan.seconds) | counted.stop()
    return reports


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
