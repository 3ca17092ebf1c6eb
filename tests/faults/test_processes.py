"""Processes that are killed, stopped and started while people talk."""

import asyncio
import signal
import time

import psutil
import psycopg
import pytest
import uvloop

from tests.faults.crowd import Crowd, measured
from tests.faults.figures import spread
from tests.faults.members import until
from tests.faults.site import Site

RESTART = 4012
STOP_WITHIN = 15  # seconds
MOST_RETRY_IN = 10  # seconds
FROZEN = 40  # seconds
WOKEN_WITHIN = 10  # seconds until a process knows that the others took it for dead


def test_a_server_is_killed_under_load(database, redis, figures, full):
    """F1: kill -9 of one of two servers, 100 messages/s."""
    members, guests = (180, 20) if full else (90, 10)

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(members, guests)
        first, _ = site.servers
        async with crowd.talking(100):
            await crowd.acknowledged(300)
            killed = time.monotonic()
            first.kill()
            await crowd.acknowledged(500)
        await crowd.settle()
        measured(crowd, figures, killed)
        await site.start(first)
        await crowd.judge(figures)

    with Site(database=database, redis=redis.url) as site:
        uvloop.run(scenario(site))


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_server_is_killed_between_the_commit_and_the_ring(database, redis, figures, tmp_path):
    """F2: kill -9 between commit and ring, ten times."""
    trigger = tmp_path / "now"

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(40, 10)
        first, second = site.servers
        heard_after = []
        for member in crowd.members:
            member.stay_with(member.place)
        victims = [member for member in crowd.members if member.place is first]
        others = [member for member in crowd.members if member.place is second]
        # Nobody speaks on the other server: it is rung by the victim alone.
        async with crowd.talking(50, speakers=victims):
            for _ in range(10):
                await crowd.acknowledged(50)
                trigger.touch()
                await until(lambda: not first.is_alive, "the failpoint was not reached")
                killed = time.monotonic()
                trigger.unlink()
                last = site.truth.last_seq()
                await until(
                    lambda last=last: all(one.last >= last for one in others), "not heard elsewhere"
                )
                heard_after.append(time.monotonic() - killed)
                await site.start(first)
        await crowd.settle()
        measured(crowd, figures, killed)
        figures.note(f"heard on the other server after {max(heard_after):.1f} s at most")
        assert max(heard_after) < 3
        await crowd.judge(figures)

    with Site(database=database, redis=redis.url) as site:
        site.servers[0].environment["CHATSITE_FAILPOINT"] = f"committed={trigger}"
        site.servers[0].kill()
        site.servers[0].start()
        uvloop.run(scenario(site))


@pytest.mark.full
@pytest.mark.timeout(400)
def test_a_thousand_come_back_at_once(postgresql, database, redis, figures):
    """F12: kill -9 of a server with 1,000 clients, who then have 100 messages to catch up on."""

    async def scenario(site):
        first, second = site.servers
        crowd = Crowd(site)
        many, _ = await crowd.gather(1000, servers=[first])
        speakers, _ = await crowd.gather(5, servers=[second], prefix="speaker")
        for member in many:
            member.stay_with(first)
        for member in speakers:
            member.stay_with(second)
        await crowd.talk(50, count=100, speakers=speakers)
        await crowd.settle()
        killed = time.monotonic()
        first.kill()
        await until(lambda: not any(one.connected for one in many), "they live on")
        await crowd.talk(100, count=100, speakers=speakers)
        await until(lambda: not any(one.outbox for one in speakers), "not acknowledged")
        statements = logged_statements(postgresql, database)
        await site.start(first)
        started = time.monotonic()
        await crowd.settle()
        back = sorted(crowd.back_after(killed))
        soon = back[len(back) * 99 // 100 - 1] - (started - killed)
        reads, batches = counted(statements())
        figures.recovered = f"99 % back {max(soon, 0):.1f} s after the start"
        figures.note(f"{reads} reads of the log for {len(back)} who came back")
        assert len(back) == 1000
        assert soon < 15
        # Each process reads a batch once, the one that starts the newest lines before, and what
        # the poll finds while a ring is on its way may be read twice.
        allowed = len(site.servers) * (batches + time.monotonic() - started) + 1
        assert reads <= allowed, f"{reads} reads of {batches} batches"
        assert reads < 250
        await crowd.judge(figures)

    with Site(database=database, redis=redis.url) as site:
        uvloop.run(scenario(site))


def counted(statements):
    """(reads, batches): how often the log was read, and how many batches of people came in."""
    reads = sum('FROM "chat_message"' in text and "ORDER BY" in text for text in statements)
    batches = sum('INSERT INTO "chat_connection"' in text for text in statements)
    assert reads and batches, "the log of statements shows none"
    return reads, batches


def logged_statements(postgresql, database):
    """Let PostgreSQL log what new connections ask it; a function that gives what was logged."""
    name = database.rpartition("/")[2]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET log_statement = 'all'")
    log = postgresql.folder / "log"
    start = log.stat().st_size

    def statements():
        with log.open(encoding="utf-8") as text:
            text.seek(start)
            return text.readlines()

    return statements


def test_a_server_is_told_to_stop_under_load(database, redis, figures, full):
    """F13: SIGTERM to one of two servers, 100 messages/s."""
    members, guests = (180, 20) if full else (90, 10)

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(members, guests)
        first, _ = site.servers
        there = [member for member in crowd.members if member.place is first]
        texts = [guest for guest in crowd.guests if guest.place is first]
        async with crowd.talking(100):
            await crowd.acknowledged(300)
            stopped = time.monotonic()
            first.process.send_signal(signal.SIGTERM)
            status = await asyncio.to_thread(first.process.wait, 30)
            took = time.monotonic() - stopped
            await crowd.acknowledged(300)
            await crowd.settle()
        measured(crowd, figures, stopped)
        figures.note(f"the server had ended after {took:.1f} s")
        assert took < STOP_WITHIN
        assert status == 0, first.output[-2000:]
        everybody_was_told_to_come_back(there)
        assert all(guest.closed and not guest.aborted for guest in texts)
        await site.start(first)
        await crowd.judge(figures, also=lambda log: nobody_on_the_web_came_or_went(crowd, log))

    with Site(database=database, redis=redis.url) as site:
        uvloop.run(scenario(site))


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_server_freezes_and_wakes(database, redis, figures):
    """A server frozen (SIGSTOP) for 40 s, 50 messages/s: it is taken for dead, and wakes."""

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(90, 10)
        first, _ = site.servers
        there = {one.name for one in crowd.members + crowd.guests if one.place is first}
        async with crowd.talking(50):
            await crowd.acknowledged(100)
            await asyncio.to_thread(first.freeze)
            frozen = time.monotonic()
            silent = {one.name for one in crowd.members[20:] + crowd.guests if one.name in there}
            await until(
                lambda: not silent & set(site.truth.people()),
                lambda: f"still listed: {sorted(silent & set(site.truth.people()))[:5]}",
                FROZEN,
            )
            missed = time.monotonic() - frozen
            await until(lambda: time.monotonic() > frozen + FROZEN, "", FROZEN + 5)
            first.thaw()
            woken = time.monotonic()
            await until(
                lambda: all(m.ends for m in crowd.members if m.name in there),
                lambda: f"on a lost name: {[m for m in crowd.members if not m.ends][:3]}",
            )
            closed = time.monotonic() - woken
            await crowd.settle()
        figures.recovered = f"its members had left after {missed:.0f} s"
        figures.note(f"on waking it had closed theirs after {closed:.1f} s")
        assert closed < WOKEN_WITHIN
        await crowd.judge(figures)

    with Site(database=database, redis=redis.url) as site:
        uvloop.run(scenario(site))


def everybody_was_told_to_come_back(members):
    codes = [member.ends[0][1] for member in members]
    assert set(codes) == {RESTART}, f"closed with {set(codes)}"
    waits = [member.ends[0][2]["retry_in"] for member in members]
    assert all(0 <= wait <= MOST_RETRY_IN for wait in waits)
    assert len(set(waits)) > 1, "they would all come back in the same moment"


def nobody_on_the_web_came_or_went(crowd, log):
    names = {member.name for member in crowd.members}
    last_entry = max(member.entered for member in crowd.members)
    moves = [
        row
        for row in log
        if row.name in names
        and (row.kind == "left" or (row.kind == "entered" and row.seq > last_entry))
    ]
    assert not moves, f"announced: {len(moves)}, {moves[:3]}"


@pytest.mark.full
@pytest.mark.timeout(400)
def test_both_servers_are_restarted_in_turn_under_load(database, redis, figures):
    """A rolling restart of both servers, 100 messages/s."""

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(180, 20)
        begun = time.monotonic()
        async with crowd.talking(100):
            for server in site.servers:
                await crowd.acknowledged(300)
                assert await asyncio.to_thread(server.stop) == 0
                await site.start(server)
            await crowd.acknowledged(300)
            await crowd.settle()
        measured(crowd, figures, begun)
        await crowd.judge(figures, also=lambda log: nobody_on_the_web_came_or_went(crowd, log))

    with Site(database=database, redis=redis.url) as site:
        uvloop.run(scenario(site))


@pytest.mark.full
@pytest.mark.timeout(600)
def test_four_processes_carry_ten_thousand_messages_of_four_hundred(database, redis, figures):
    """No fault: four processes, PostgreSQL and Redis."""

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(360, 40)
        ear = crowd.members[0]
        ear.arrivals = {}
        begun = time.monotonic()
        await crowd.talk(150, count=10_000, speakers=crowd.members + crowd.guests)
        await crowd.settle()
        figures.note(f"a line is heard within {spread(crowd.line_times(ear, begun))}")
        await crowd.judge(figures)

    with Site(database=database, redis=redis.url, servers=4) as site:
        uvloop.run(scenario(site))


@pytest.mark.full
@pytest.mark.timeout(300)
def test_two_workers_need_nothing_but_sqlite(figures):
    """No fault: `serve --workers 2` with SQLite alone."""

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(90, 10)
        ear = crowd.members[0]
        ear.arrivals = {}
        begun = time.monotonic()
        await crowd.talk(100, count=2_000)
        await crowd.settle()
        figures.note(f"a line is heard within {spread(crowd.line_times(ear, begun))}")
        await crowd.judge(figures)

    with Site(servers=1, workers=2) as site:
        uvloop.run(scenario(site))


@pytest.mark.full
@pytest.mark.timeout(120)
def test_workers_end_with_their_supervisor(figures):
    """kill -9 of the supervisor of two workers: nobody is left who holds the ports."""
    with Site(servers=1, workers=2) as site:
        workers = site.servers[0].kill_supervisor()
        killed = time.monotonic()
        _, alive = psutil.wait_procs(workers, STOP_WITHIN)
        figures.recovered = f"both had ended after {time.monotonic() - killed:.1f} s"
        for worker in alive:
            worker.kill()
        assert not alive, f"{len(alive)} workers live on without a supervisor"
