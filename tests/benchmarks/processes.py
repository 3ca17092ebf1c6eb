"""Several processes with PostgreSQL and Redis: their deliveries, and the cores that they use.

Members spread over all processes speak. A ring is one message through Redis that tells the other
processes of new lines.
"""

from contextlib import ExitStack
from math import inf
from statistics import median

import psycopg
import redis

from tests.benchmarks.candidates import SiteCandidate
from tests.benchmarks.report import in_range, middle, rows
from tests.benchmarks.running import LoadProcess
from tests.support.services import PostgreSQL, Redis

MEMBERS = 500
IN_FLIGHT, QUICK_IN_FLIGHT = (16, 64), (16,)
PROCESSES, QUICK_PROCESSES = (1, 2, 4), (1, 2)
EXTENSION = "pg_stat_statements"  # of PostgreSQL, which counts statements


class ServeCluster:
    """Several `serve` processes on one database, each with its own port, as one candidate."""

    wire = "web"
    at_once = inf

    def __init__(self, postgresql, bus, count):
        self.postgresql, self.bus = postgresql, bus
        first = SiteCandidate(postgresql=postgresql.url, accounts=MEMBERS, REDIS_URL=bus.url)
        shared = {name: first.environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
        self.sites = [first, *(SiteCandidate(**shared) for _ in range(count - 1))]

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
    def services(self):
        """The pids of PostgreSQL and Redis, by name."""
        return {"postgresql": [self.postgresql.pid], "redis": [self.bus.process.pid]}


class ServiceCounters:
    """Counts of how often the database and the bus are used."""

    def __init__(self, cluster):
        self.postgresql = cluster.postgresql.url
        self.bus = redis.Redis.from_url(cluster.bus.url)
        self.processes = len(cluster.sites)

    def during(self, load, **phase):
        """Run a phase, and return its report with {"statements", "rings"}."""
        self._query(f"SELECT {EXTENSION}_reset()")
        self.bus.config_resetstat()
        return load.phase(**phase) | {"statements": self._statements(), "rings": self._rings()}

    def _statements(self):
        # Without those by which PostgreSQL itself checks foreign keys.
        ((statements,),) = self._query(
            f"SELECT coalesce(sum(calls), 0) FROM {EXTENSION}"
            " WHERE query NOT LIKE 'SELECT $2 FROM ONLY%'"
            " AND query NOT LIKE 'SELECT 1 FROM ONLY%'"
        )
        return int(statements)

    def _rings(self):
        # channels_redis runs one script to send to a group, and each process runs one to receive.
        scripts = self.bus.info("commandstats").get("cmdstat_eval", {"calls": 0})["calls"]
        return scripts / (1 + self.processes)

    def _query(self, statement):
        with psycopg.connect(self.postgresql, autocommit=True) as connection:
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION}")
            return connection.execute(statement).fetchall()


def measure(plan):
    """Return {"rounds": {processes: {in flight: [report of each round]}}}."""
    counts = QUICK_PROCESSES if plan.quick else PROCESSES
    flights = QUICK_IN_FLIGHT if plan.quick else IN_FLIGHT
    rounds = {str(number): {str(flight): [] for flight in flights} for number in counts}
    with PostgreSQL(shared_preload_libraries=EXTENSION) as postgresql:
        for turn in range(plan.rounds):
            for number in counts:
                plan.say(f"{number} processes, round {turn + 1} of {plan.rounds}")
                with Redis() as bus, ServeCluster(postgresql, bus, number) as cluster:
                    measure_cluster(plan, cluster, rounds[str(number)])
    return {"rounds": rounds}


def measure_cluster(plan, cluster, flights):
    """Add a report for each number of messages in flight.

    A single process is kept on one core. Several share both cores with the load, and vary more,
    so they are measured for longer.
    """
    alone = len(cluster.sites) == 1
    counters = ServiceCounters(cluster)
    seconds = plan.seconds if alone else 2 * plan.seconds
    with LoadProcess(cluster, MEMBERS, pinned=alone, beside=cluster.services) as load:
        for flight, reports in flights.items():
            reports.append(counters.during(load, in_flight=int(flight), seconds=seconds))


def tables(result):
    result = result["rounds"]
    yield (
        f"{MEMBERS} members, spread over the processes. A single process has one core, and the "
        "load has the other. Several processes share both cores with the load. PostgreSQL and "
        "Redis may run on either. Percentages are shares of a core."
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
                *(f"{middle(rounds, user):.0%}" for user in CORE_USERS),
                f"{per_message(rounds, 'statements'):.2f}, {per_message(rounds, 'rings'):.3f}",
            ]
            for number, flights in result.items()
            for flight, rounds in flights.items()
        ],
    )


CORE_USERS = ("server", "postgresql", "redis", "client")


def per_message(rounds, figure):
    """Return the median of how often something was counted for each message."""
    return median(each[figure] / each["told"] for each in rounds)
