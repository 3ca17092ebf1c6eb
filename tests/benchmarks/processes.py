"""Several processes with PostgreSQL and Redis: what they deliver together, and what it takes.

A batch is one transaction with what waited; a ring is one message through Redis that says that
there is something new.
"""

from contextlib import ExitStack, contextmanager
from math import inf
from statistics import median

import psycopg
import redis

from tests.benchmarks.candidates import Site
from tests.benchmarks.report import in_range, middle, rows
from tests.benchmarks.running import loaded
from tests.services import PostgreSQL, Redis

MEMBERS = 500
IN_FLIGHT = (16, 64)
PROCESSES = (1, 2, 4)
CALIBRATION = (1, 4, 16, 64)  # in flight
STATEMENTS = "pg_stat_statements"


class Cluster:
    """Some `serve` processes on one database, each with a port of its own, as one candidate."""

    wire = "web"
    at_once = inf

    def __init__(self, postgresql, bus, count, *, witness=False, **environment):
        self.witness = witness  # all members but one are on the first process
        self.postgresql, self.bus = postgresql, bus
        shared = {"DATABASE_URL": postgresql.url, "REDIS_URL": bus.url, **environment}
        self.sites = [Site(**shared) for _ in range(count)]

    def __enter__(self):
        with ExitStack() as stack:
            for site in self.sites:
                stack.enter_context(site)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc_info):
        self._stack.close()

    @property
    def ports(self):
        ports = [port for site in self.sites for port in site.ports]
        if self.witness:
            first, last = ports
            return [last] + [first] * (MEMBERS - 1)
        return ports

    @property
    def pids(self):
        return [pid for site in self.sites[: 1 if self.witness else None] for pid in site.pids]

    def cookies(self, count):
        return self.sites[0].cookies(count)

    @property
    def beside(self):
        """The pids of the services, by name, and of the process that only listens."""
        services = {"postgresql": [self.postgresql.pid], "redis": [self.bus.process.pid]}
        return services | ({"witness": self.sites[-1].pids} if self.witness else {})


class Counted:
    """How often the database and the bus were asked, between `start` and `stop`."""

    def __init__(self, cluster):
        self.postgresql = cluster.postgresql.url
        self.bus = redis.Redis.from_url(cluster.bus.url)
        self.processes = len(cluster.sites)

    def start(self):
        self._ask(f"SELECT {STATEMENTS}_reset()")
        self.bus.config_resetstat()

    def stop(self):
        """{"statements", "batches", "rings"} since the start."""
        ((statements, batches),) = self._ask(
            "SELECT sum(calls),"
            " sum(calls) FILTER (WHERE query LIKE 'INSERT INTO \"chat_message\"%')"
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


@contextmanager
def cluster(count, **options):
    """Some processes with a PostgreSQL and a Redis of their own."""
    with (
        PostgreSQL(shared_preload_libraries=STATEMENTS) as postgresql,
        Redis() as bus,
        Cluster(postgresql, bus, count, **options) as processes,
    ):
        yield processes


def measure(plan):
    """{"rounds": {processes: {in flight: [report, a round each]}}, "alone", "witness"}

    A report is the load's, with what was counted. `alone` has one of one process for each of
    `CALIBRATION`, and `witness` one of a process on whose lines another one only listens: from
    these `tests.benchmarks.simulate` takes what things cost.
    """
    counts = PROCESSES[:2] if plan.quick else PROCESSES
    flights = IN_FLIGHT[:1] if plan.quick else IN_FLIGHT
    results = {str(number): {str(flight): [] for flight in flights} for number in counts}
    for turn in range(plan.rounds):
        for number in counts:
            plan.say(f"{number} processes, round {turn + 1} of {plan.rounds}")
            for flight in flights:
                results[str(number)][str(flight)].append(_round(plan, number, flight))
    plan.say("what a batch, a message and a ring cost")
    calibration = CALIBRATION[2:] if plan.quick else CALIBRATION
    alone = {flight: reports[0] for flight, reports in results["1"].items()}
    for flight in calibration:
        if str(flight) not in alone:
            alone[str(flight)] = _round(plan, 1, flight)
    return {"rounds": results, "alone": alone, "witness": _round(plan, 2, 16, witness=True)}


def _round(plan, number, flight, **options):
    phase = {"in_flight": flight, "seconds": plan.seconds}
    with cluster(number, **options) as processes:
        counted = Counted(processes)
        _, (report,) = loaded(
            processes,
            MEMBERS,
            [phase],
            pinned=number == 1,  # more of them share both cores with the load
            beside=processes.beside,
            entered=counted.start,
        )
        return report | counted.stop()


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
