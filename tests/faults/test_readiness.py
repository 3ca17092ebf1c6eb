"""Readiness turns with each fault, says which part is wrong, and comes back by itself.

Nobody speaks in most of these tests: a fault must be noticed, and its end as well, all the same.
"""

import signal
import sqlite3
import time
from contextlib import closing, contextmanager

import psycopg
import pytest

from tests.faults.judge import Expectations
from tests.faults.readiness import until_ready, until_wrong
from tests.faults.site import FaultSite
from tests.faults.waiting import until
from tests.support.commands import run_command
from tests.support.health import ask, readiness, wait_until_ready, wait_until_wrong
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

# Seconds: a heartbeat, the time that a database may take to refuse, and a busy machine.
NOTICED_WITHIN = 45
READY_WITHIN = 60
AT_ONCE = 0.5  # seconds that an answer may take, whatever waits in the background


@contextmanager
def ready_site(**options):
    """A site of one server that is ready, and must be ready at the end."""
    with FaultSite(servers=1, **options) as site:
        (server,) = site.servers
        wait_until_ready(server)
        yield site, server
        wait_until_ready(server, READY_WITHIN)
        server.assert_no_traceback()


def assert_wrong(server, *parts):
    """Assert that parts are reported, that answers come at once, and that the process is live."""
    for part in parts:
        wait_until_wrong(server, part, NOTICED_WITHIN)
    # Some answers may have to wait for the processor.
    wait_until(lambda: seconds_of_answers(server) < AT_ONCE, "no answer comes at once")


def seconds_of_answers(server):
    """Return the seconds in which a server that is not ready answers twice."""
    start = time.monotonic()
    assert readiness(server)[0] == 503
    assert ask(server, "/health/live")[0].status == 200
    return time.monotonic() - start


def test_a_database_that_is_away(own_postgresql):
    with ready_site(database=own_postgresql.create_migrated_database()) as (_, server):
        own_postgresql.stop("immediate")
        assert_wrong(server, "database", "saving")
        status, output = run_command("health", server.url, "--timeout", "60", **server.environment)
        assert status == 1
        assert output.startswith(f"chatsite: {server.url} answers 503: not ready; database: ")
        own_postgresql.start()


def test_a_database_that_is_frozen(own_postgresql):
    url = own_postgresql.create_migrated_database()
    with ready_site(database=url) as (_, server), own_postgresql.frozen():
        assert_wrong(server, "database", "saving")


def test_a_database_that_is_read_only(own_postgresql):
    """As after a failover to a server that still follows another one."""
    with ready_site(database=own_postgresql.create_migrated_database()) as (_, server):
        set_read_only(own_postgresql, "on")
        assert_wrong(server, "saving")
        set_read_only(own_postgresql, "off")


def set_read_only(service, value):
    with psycopg.connect(service.url, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        connection.execute("SELECT pg_reload_conf()")


def test_an_sqlite_database_that_is_locked():
    with (
        ready_site() as (site, server),
        closing(sqlite3.connect(site.database.path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN EXCLUSIVE")
        assert_wrong(server, "saving")


def test_a_full_disk():
    with ready_site() as (site, server), server.full_disk(site.database.path):
        assert_wrong(server, "saving")


def test_a_process_that_is_frozen():
    with ready_site() as (_, server):
        server.freeze()
        status, output = run_command("health", server.url, "--timeout", "1", **server.environment)
        assert (status, "does not answer: " in output) == (1, True)
        server.thaw()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_members_are_served_without_redis_although_no_server_is_ready(
    play, own_redis, figures, number
):
    """Redis away: no server is ready, and members are served."""
    figures.fault = f"Redis away ({number.name}): no server is ready, and members are served"

    async def scenario(site, crowd):
        await until_ready(site.servers)
        await crowd.gather(4, 2)
        own_redis.process.send_signal(number)
        await until_wrong(site.servers, "bus")
        await crowd.talk(20, count=20, speakers=crowd.everybody)
        await crowd.settle()
        last = site.database.last_seq()
        await until(
            lambda: all(member.received.last >= last for member in crowd.members), "one is behind"
        )
        await until_wrong(site.servers, "bus")  # still
        if number == signal.SIGSTOP:
            own_redis.process.send_signal(signal.SIGCONT)
        else:
            own_redis.start()
        await until_ready(site.servers)
        return Expectations(undisturbed=crowd.everybody, messages=20)

    play(scenario, redis=own_redis.url)
