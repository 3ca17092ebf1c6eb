"""The database restarts, freezes, is locked, or has no room. Refusals are honest and short."""

import asyncio
import sqlite3
import time
from contextlib import asynccontextmanager, closing

import pytest

from tests.faults.figures import percentile_99, spread
from tests.faults.judge import Expectations
from tests.faults.presence_checks import assert_nobody_left
from tests.faults.readiness import until_wrong
from tests.faults.waiting import until_time

ANSWER_WITHIN = 6  # seconds until every message has an answer
USUAL_LOOK = 0.1  # seconds for 99 of 100 looks, as far as a client on the same cores can measure
LONGEST_LOOK = 3 * USUAL_LOOK
RECOVERED_WITHIN = 20  # seconds: the page's own pause is 15 at most


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seconds", [0, 30])
def test_messages_wait_while_postgresql_is_away(play, own_postgresql, figures, seconds):
    """F5: PostgreSQL `restart -m immediate`."""
    if seconds:
        figures.fault = f"F5: PostgreSQL away for {seconds} s"

    @asynccontextmanager
    async def fault(site):
        await asyncio.to_thread(own_postgresql.stop, "immediate")
        yield
        await asyncio.to_thread(own_postgresql.start)

    async def scenario(site, crowd):
        await crowd.gather(90, 10)
        rate = 20 if seconds else 100
        wrong = "database" if seconds else None  # a restart may fall between two looks
        return await talk_through(
            site, crowd, figures, fault, seconds, refused=True, wrong=wrong, rate=rate
        )

    play(scenario, database=own_postgresql.url)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_messages_wait_while_postgresql_is_frozen(play, own_postgresql, figures):
    """F5: PostgreSQL frozen (SIGSTOP) for 15 s: connections stay open, and nothing answers."""

    @asynccontextmanager
    async def fault(site):
        with own_postgresql.frozen():
            yield

    async def scenario(site, crowd):
        await crowd.gather(90, 10)
        return await talk_through(site, crowd, figures, fault, 15, refused=True, wrong="database")

    play(scenario, database=own_postgresql.url)


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seconds", [3, 10])
def test_messages_wait_while_sqlite_is_locked(play, seconds, figures):
    """F6: SQLite locked by somebody else."""
    figures.fault = f"F6: SQLite locked for {seconds} s by somebody else"

    @asynccontextmanager
    async def fault(site):
        with closing(sqlite3.connect(site.database.path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")

    async def scenario(site, crowd):
        await crowd.gather(30, 6)
        refused = seconds > ANSWER_WITHIN
        wrong = "saving" if refused else None
        return await talk_through(
            site, crowd, figures, fault, seconds, refused=refused, wrong=wrong
        )

    play(scenario, sqlite=True, servers=1)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_messages_wait_while_the_disk_is_full(play, figures):
    """F7: no room left for SQLite's files for 10 s."""

    @asynccontextmanager
    async def fault(site):
        with site.servers[0].full_disk(site.database.path):
            yield

    async def scenario(site, crowd):
        await crowd.gather(30, 6)
        return await talk_through(site, crowd, figures, fault, 10, refused=True, wrong="saving")

    play(scenario, sqlite=True, servers=1)


async def talk_through(site, crowd, figures, fault, seconds, *, refused, wrong=None, rate=20):
    """Talk while the database refuses for some seconds.

    `refused` says whether people must have been told to try again, `wrong` which part the servers
    must have reported.
    """
    async with crowd.talking(rate, speakers=[*crowd.members[:10], *crowd.guests[:4]]):
        await crowd.until_acknowledged(3 * rate)
        start = time.monotonic()
        async with looking(crowd.members[-1]) as looks, fault(site):
            if wrong:
                await until_wrong(site.servers, wrong)
            await until_time(start + seconds)
        end = time.monotonic()
        await crowd.until_acknowledged(5 * rate)
    await crowd.settle()
    waited = [one.acknowledged_at for one in crowd.acknowledged(start) if one.said_at < end]
    recovered = max(waited) - end
    figures.recovered = f"all that waited was said {recovered:.1f} s after it was over"
    figures.note(f"it was away for {end - start:.1f} s")
    assert_answers_in_time(crowd, start)
    refusals = count_refusals(crowd.everybody)
    figures.note(f"{refusals} were told to try again; `look` in {max(looks) * 1000:.0f} ms at most")
    assert bool(refusals) == refused, f"{refusals} were refused"
    assert bool(count_refusals(crowd.guests)) == refused
    assert percentile_99(looks) < USUAL_LOOK, spread(looks)
    assert max(looks) < LONGEST_LOOK, f"the event loop was blocked for {max(looks):.3f} s"
    assert recovered < RECOVERED_WITHIN
    return Expectations(undisturbed=crowd.everybody, also=assert_nobody_left)


def assert_answers_in_time(crowd, since):
    """Assert that every attempt had an answer soon.

    A member's messages wait for each other, and for the page's pauses. So each attempt is
    measured by itself.
    """
    waits = [
        answered - sent
        for client in crowd.everybody
        for sent, answered in client.attempts
        if answered >= since
    ]
    assert max(waits) < ANSWER_WITHIN, f"somebody had no answer for {max(waits):.1f} s"


def count_refusals(clients):
    """Return how often somebody was told to try again."""
    return sum(len(message.refused_at) for client in clients for message in client.ledger.values())


@asynccontextmanager
async def looking(member):
    """Ask again and again who is present, which is answered from memory. Yields the durations."""
    durations = []

    async def ask():
        while True:
            start = time.monotonic()
            await member.look()
            durations.append(time.monotonic() - start)
            await asyncio.sleep(0.02)  # the rate of the measurement

    asking = asyncio.create_task(ask())
    try:
        yield durations
        if asking.done():
            asking.result()
    finally:
        asking.cancel()
        await asyncio.wait([asking])
    assert durations, "nothing was measured"
