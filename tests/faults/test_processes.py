"""Processes that are killed, stopped and started while people talk."""

import asyncio
import signal
import time

import psutil
import pytest

from chat.room import presence, transcript
from tests.faults import oracle
from tests.faults.counting import CallCount
from tests.faults.crowd import Crowd, measured
from tests.faults.figures import spread
from tests.faults.members import until
from tests.faults.site import Site

RESTART = 4012
STOP_WITHIN = 15  # seconds
MOST_RETRY_IN = 10  # seconds
HEARD_WITHIN = 2  # seconds that a line may take without its ring
FROZEN = 40  # seconds
READS = (presence.state, transcript.after, transcript.before)  # of the log
BATCHES = (  # transactions with a locked room
    *(presence.enter, presence.lose, presence.leave, presence.expire),
    transcript.say,
)
WOKEN_WITHIN = 10  # seconds until a process knows that the others took it for dead


def test_a_server_is_killed_under_load(play, database, redis, figures, full):
    """F1: kill -9 of one of two servers, 100 messages/s."""
    members, guests = (180, 20) if full else (90, 10)

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(members, guests)
        first, second = site.servers
        there = [member for member in crowd.members if member.place is first]
        others = [one for one in crowd.everybody if one.place is second]
        async with crowd.talking(100):
            await crowd.acknowledged(300)
            killed = time.monotonic()
            first.kill()
            await crowd.acknowledged(500)
        await crowd.settle()
        measured(crowd, figures, killed)
        assert len(crowd.back_after(killed)) == len(there), "not all of them are back"
        await site.start(first)
        await crowd.judge(figures, undisturbed=others)

    play(scenario, database=database, redis=redis.url)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_server_is_killed_between_the_commit_and_the_ring(
    play, database, redis, figures, tmp_path
):
    """F2: kill -9 between commit and ring, ten times."""
    trigger = tmp_path / "now"

    async def scenario(site):
        first, second = site.servers
        first.environment["CHATSITE_FAILPOINT"] = f"committed={trigger}"
        first.kill()
        await site.start(first)
        crowd = Crowd(site)
        await crowd.gather(40, 10)
        heard_after = []
        for member in crowd.members:
            member.stay_with(member.place)
        victims = [member for member in crowd.members if member.place is first]
        others = [member for member in crowd.members if member.place is second]
        guests = [guest for guest in crowd.guests if guest.place is second]
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
        assert max(heard_after) < HEARD_WITHIN
        await crowd.judge(figures, undisturbed=others + guests)

    play(scenario, database=database, redis=redis.url)


@pytest.mark.full
@pytest.mark.timeout(400)
def test_a_thousand_come_back_at_once(play, database, redis, figures, tmp_path):
    """F12: kill -9 of a server with 1,000 clients, who then have 100 messages to catch up on."""
    calls = CallCount(tmp_path / "calls")

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
        calls.start()
        await site.start(first)
        started = time.monotonic()
        await crowd.settle()
        took = time.monotonic() - started
        reads = calls.of("read", *READS)
        batches = calls.of("write", *BATCHES)
        back = sorted(crowd.back_after(killed))
        soon = back[len(back) * 99 // 100 - 1] - (started - killed)
        figures.recovered = f"99 % back {max(soon, 0):.1f} s after the start"
        figures.note(f"{reads} reads of the log, {batches} batches, {len(back)} came back")
        assert len(back) == 1000
        assert soon < 15
        # Each process reads a batch once, the one that starts the newest lines before, and what
        # the poll finds while a ring is on its way may be read twice.
        allowed = len(site.servers) * (batches + took) + 1
        assert reads <= allowed, f"{reads} reads of {batches} batches"
        assert reads < len(site.servers) * len(many) / 4
        await crowd.judge(figures, undisturbed=speakers)

    play(scenario, database=database, redis=redis.url, **calls.environment)


def test_a_server_is_told_to_stop_under_load(play, database, redis, figures, full):
    """F13: SIGTERM to one of two servers, 100 messages/s."""
    members, guests = (180, 20) if full else (90, 10)

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(members, guests)
        first, second = site.servers
        there = [member for member in crowd.members if member.place is first]
        texts = [guest for guest in crowd.guests if guest.place is first]
        others = [one for one in crowd.everybody if one.place is second]
        async with crowd.talking(100):
            await crowd.acknowledged(300)
            stopped = time.monotonic()
            first.process.send_signal(signal.SIGTERM)
            status = await asyncio.to_thread(first.process.wait, 30)
            took = time.monotonic() - stopped
            await crowd.acknowledged(300)
            await crowd.come_back()
        measured(crowd, figures, stopped)
        figures.note(f"the server had ended after {took:.1f} s")
        assert took < STOP_WITHIN
        assert status == 0, first.output[-2000:]
        everybody_was_told_to_come_back(there)
        assert all(guest.closed and not guest.aborted for guest in texts)
        await site.start(first)

        def also(log):
            nobody_on_the_web_came_or_went(crowd, log)
            guests_had_all_lines(texts, there, log)

        await crowd.judge(figures, undisturbed=others, also=also)

    play(scenario, database=database, redis=redis.url)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_server_freezes_and_wakes(play, database, redis, figures):
    """A server frozen (SIGSTOP) for 40 s, 50 messages/s: it is taken for dead, and wakes."""

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(90, 10)
        first, _ = site.servers
        there = {one.name for one in crowd.members + crowd.guests if one.place is first}
        others = [one for one in crowd.everybody if one.place is not first]
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
            await crowd.come_back()
        figures.recovered = f"its members had left after {missed:.0f} s"
        figures.note(f"on waking it had closed theirs after {closed:.1f} s")
        assert closed < WOKEN_WITHIN
        await crowd.judge(figures, undisturbed=others)

    play(scenario, database=database, redis=redis.url)


def everybody_was_told_to_come_back(members):
    codes = [member.ends[0].code for member in members]
    assert set(codes) == {RESTART}, f"closed with {set(codes)}"
    waits = [member.ends[0].bye["retry_in"] for member in members]
    assert all(0 <= wait <= MOST_RETRY_IN for wait in waits)
    assert len(set(waits)) > 1, "they would all come back in the same moment"


def nobody_on_the_web_came_or_went(crowd, log):
    """Each member has entered once, and nobody has left but guests."""
    names = [row.name for row in log if row.kind == "entered" and not row.guest]
    assert sorted(names) == sorted(member.name for member in crowd.members)
    left = [row for row in log if row.kind == "left" and not row.guest]
    assert not left, f"announced: {len(left)}, {left[:3]}"


def guests_had_all_lines(guests, members, log):
    """Guests of a server that stopped have heard as much as its members had."""
    last = max(member.ends[0].last for member in members)
    for guest in guests:
        entered = next(row.seq for row in log if row.kind == "entered" and row.name == guest.name)
        missing = len(oracle.rendered(log[entered:last])) - len(oracle.heard_by(guest))
        assert missing <= 0, f"{guest}: {missing} bytes are missing, up to {last}"


@pytest.mark.full
@pytest.mark.timeout(400)
def test_both_servers_are_restarted_in_turn_under_load(play, database, redis, figures):
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
            await crowd.come_back()
        measured(crowd, figures, begun)
        await crowd.judge(figures, also=lambda log: nobody_on_the_web_came_or_went(crowd, log))

    play(scenario, database=database, redis=redis.url)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_four_processes_carry_ten_thousand_messages_of_four_hundred(play, database, redis, figures):
    """No fault: four processes, PostgreSQL and Redis."""

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(360, 40)
        ears = crowd.listen()
        begun = time.monotonic()
        await crowd.talk(150, count=10_000, speakers=crowd.everybody)
        await crowd.settle()
        figures.note(f"a line is heard within {spread(crowd.line_times(ears, begun))}")
        await crowd.judge(figures, undisturbed=crowd.everybody)
        assert figures.messages == 10_000

    play(scenario, database=database, redis=redis.url, servers=4)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_two_workers_need_nothing_but_sqlite(play, figures):
    """No fault: `serve --workers 2` with SQLite alone."""

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(90, 10)
        ears = crowd.listen()
        begun = time.monotonic()
        await crowd.talk(100, count=2_000)
        await crowd.settle()
        figures.note(f"a line is heard within {spread(crowd.line_times(ears, begun))}")
        await crowd.judge(figures, undisturbed=crowd.everybody)
        assert figures.messages == 2_000

    play(scenario, servers=1, workers=2)


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
