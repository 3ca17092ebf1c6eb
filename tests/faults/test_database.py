"""A database that restarts, is locked, or has no room: nobody is told a lie, and it recovers."""

import asyncio
import resource
import sqlite3
import time
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from tests.faults.crowd import Crowd
from tests.faults.figures import nearly_all, spread
from tests.faults.members import until
from tests.faults.oracle import nobody_left
from tests.support.services import PostgreSQL

ANSWER_WITHIN = 6  # seconds until whoever speaks has an answer
LAG = 0.1  # seconds that the event loop may stall, as far as a client on the same cores can see
STALL = 3 * LAG  # not even once
RECOVERED_WITHIN = 20  # seconds: the page's own pause is 15 at most


@pytest.fixture
def own_postgresql():
    """A PostgreSQL that may be hurt."""
    with PostgreSQL() as service:
        yield service


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seconds", [0, 30])
def test_postgresql_is_away(play, own_postgresql, redis, figures, seconds):
    """F5: PostgreSQL `restart -m immediate`."""
    if seconds:
        figures.fault = f"F5: PostgreSQL away for {seconds} s"

    @asynccontextmanager
    async def fault(site):
        await asyncio.to_thread(own_postgresql.stop, "immediate")
        yield
        await asyncio.to_thread(own_postgresql.start)

    async def scenario(site):
        rate = 20 if seconds else 100
        await trouble(site, figures, fault, seconds, refused=True, sizes=(90, 10), rate=rate)

    play(scenario, database=own_postgresql.url, redis=redis.url)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_postgresql_is_frozen(play, own_postgresql, redis, figures):
    """F5: PostgreSQL frozen (SIGSTOP) for 15 s: connections stay open, and nothing answers."""

    @asynccontextmanager
    async def fault(site):
        with own_postgresql.frozen():
            yield

    async def scenario(site):
        await trouble(site, figures, fault, 15, refused=True, sizes=(90, 10))

    play(scenario, database=own_postgresql.url, redis=redis.url)


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seconds", [3, 10])
def test_sqlite_is_locked(play, seconds, figures):
    """F6: SQLite locked by somebody else."""
    figures.fault = f"F6: SQLite locked for {seconds} s by somebody else"

    @asynccontextmanager
    async def fault(site):
        with closing(sqlite3.connect(site.truth.path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")

    async def scenario(site):
        await trouble(site, figures, fault, seconds, refused=seconds > ANSWER_WITHIN)

    play(scenario, servers=1)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_the_disk_is_full(play, figures):
    """F7: no room left for SQLite's files for 10 s."""

    @asynccontextmanager
    async def fault(site):
        # The kernel refuses every write past the present size: no privilege is needed, and the
        # limit of a process that runs can be moved both ways.
        (process,) = site.servers[0].processes
        _, hard = process.rlimit(resource.RLIMIT_FSIZE)
        process.rlimit(resource.RLIMIT_FSIZE, (present_size(site.truth.path), hard))
        yield
        process.rlimit(resource.RLIMIT_FSIZE, (hard, hard))

    async def scenario(site):
        await trouble(site, figures, fault, 10, refused=True)

    play(scenario, servers=1)


def present_size(path):
    """Bytes of the smaller of SQLite's two files."""
    return min(Path(path + end).stat().st_size for end in ("", "-wal"))


async def trouble(site, figures, fault, seconds, *, refused, sizes=(30, 6), rate=20):
    """Talk while the database refuses for some seconds."""
    crowd = Crowd(site)
    await crowd.gather(*sizes)
    looker = crowd.members[-1]
    async with crowd.talking(rate, speakers=[*crowd.members[:10], *crowd.guests[:4]]):
        await crowd.acknowledged(3 * rate)
        began = time.monotonic()
        async with looks(looker) as lags, fault(site):
            await until(lambda: time.monotonic() > began + seconds, "", seconds + 5)
        over = time.monotonic()
        await crowd.acknowledged(5 * rate)
    await crowd.settle()
    waited = [told.acknowledged_at for told in crowd.told(began) if told.asked_at < over]
    recovered = max(waited) - over
    figures.recovered = f"all that waited was said {recovered:.1f} s after it was over"
    figures.note(f"it was away for {over - began:.1f} s")
    told_no = answered_in_time(crowd, began)
    figures.note(f"{told_no} were told to try again; `look` in {max(lags) * 1000:.0f} ms at most")
    assert bool(told_no) == refused, f"{told_no} were refused"
    assert bool(sum(guest.told_no for guest in crowd.guests)) == refused
    assert nearly_all(lags) < LAG, spread(lags)
    assert max(lags) < STALL, f"the event loop stood still for {max(lags):.3f} s"
    assert recovered < RECOVERED_WITHIN
    await crowd.judge(figures, undisturbed=crowd.everybody, also=nobody_left)


def answered_in_time(crowd, since):
    """Assert that every try had an answer soon. Returns how many were told to try again.

    A member's texts wait for each other, and for the page's pauses: what counts is the time from
    one answer to the next that a frame was under way.
    """
    waits, refusals = [], 0
    for one in [*crowd.members, *crowd.guests]:
        waits += [end - start for start, end in one.tries if end >= since]
        refusals += sum(len(told.refused_at) for told in one.ledger.values())
    assert max(waits) < ANSWER_WITHIN, f"somebody had no answer for {max(waits):.1f} s"
    return refusals


@asynccontextmanager
async def looks(member):
    """Ask who is here again and again: that is answered from memory. Yields the times it took."""
    lags = []

    async def ask():
        while True:
            start = time.monotonic()
            await member.look()
            lags.append(time.monotonic() - start)
            await asyncio.sleep(0.02)  # the rate of the measurement

    asking = asyncio.create_task(ask())
    try:
        yield lags
        if asking.done():
            asking.result()
    finally:
        asking.cancel()
        await asyncio.wait([asking])
    assert lags, "nothing was measured"
