"""Server processes are killed with `kill -9` while people talk."""

import time

import psutil
import pytest

from chat.room import amending, log, presence, processes, state, transcript
from tests.faults.counting import CallCount
from tests.faults.figures import note_recovery
from tests.faults.judge import Expectations
from tests.faults.site import FaultSite
from tests.faults.waiting import until

HEARD_WITHIN = 2  # seconds that a line may take without its ring
WORKERS_END_WITHIN = 15  # seconds
BACK_WITHIN = 15  # seconds for 99 of 100 clients of a server that has started again
READS = (state.read, log.after, log.before)  # functions that read the log
BATCHES = (  # functions that lock the room
    *(presence.enter, presence.lose, presence.leave, presence.expire),
    *(processes.take_over, processes.bury),
    *(transcript.say, amending.amend),
)


def test_members_of_a_killed_server_reconnect_to_the_other(play, figures, full):
    """F1: kill -9 of one of two servers, 100 messages/s."""
    member_count, guest_count = (180, 20) if full else (90, 10)

    async def scenario(site, crowd):
        await crowd.gather(member_count, guest_count)
        first, second = site.servers
        members = [member for member in crowd.members if member.place is first]
        others = [client for client in crowd.everybody if client.place is second]
        async with crowd.talking(100):
            await crowd.until_acknowledged(300)
            killed = time.monotonic()
            first.kill()
            await crowd.until_acknowledged(500)
        await crowd.settle()
        note_recovery(figures, crowd, killed)
        assert len(crowd.back_after(killed)) == len(members), "not all of them are back"
        await site.start(first)
        return Expectations(undisturbed=others)

    play(scenario)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_lines_of_a_server_killed_between_commit_and_ring_arrive_elsewhere(play, figures, tmp_path):
    """F2: kill -9 between commit and ring, ten times."""
    trigger = tmp_path / "now"

    async def scenario(site, crowd):
        first, second = site.servers
        first.environment["CHATSITE_FAILPOINT"] = f"committed={trigger}"
        first.kill()
        await site.start(first)
        await crowd.gather(40, 10)
        for member in crowd.members:
            member.stay_with(member.place)
        speakers = [member for member in crowd.members if member.place is first]
        others = [client for client in crowd.everybody if client.place is second]
        listeners = [member for member in crowd.members if member.place is second]
        heard_after = []
        # Nobody speaks on the other server, so that only the killed one could ring it.
        async with crowd.talking(50, speakers=speakers):
            for _ in range(10):
                await crowd.until_acknowledged(50)
                trigger.touch()
                await until(lambda: not first.is_alive, "the failpoint was not reached")
                killed = time.monotonic()
                trigger.unlink()
                await until_received(listeners, site.database.last_seq())
                heard_after.append(time.monotonic() - killed)
                await site.start(first)
        await crowd.settle()
        note_recovery(figures, crowd, killed)
        figures.note(f"heard on the other server after {max(heard_after):.1f} s at most")
        assert max(heard_after) < HEARD_WITHIN
        return Expectations(undisturbed=others)

    play(scenario)


async def until_received(members, seq):
    await until(
        lambda: all(member.received.last >= seq for member in members), "not heard elsewhere"
    )


@pytest.mark.full
@pytest.mark.timeout(400)
def test_a_thousand_members_reconnect_with_few_reads_of_the_log(play, figures, tmp_path):
    """F12: kill -9 of a server with 1,000 clients, who then have 100 messages to catch up on."""
    calls = CallCount(tmp_path / "calls")

    async def scenario(site, crowd):
        first, second = site.servers
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
        await until(lambda: not any(member.connected for member in many), "they live on")
        await crowd.talk(100, count=100, speakers=speakers)
        await until(lambda: not any(one.outbox.waiting for one in speakers), "not acknowledged")
        calls.start()
        await site.start(first)
        started = time.monotonic()
        await crowd.settle()
        took = time.monotonic() - started
        reads, batches = calls.of("read", *READS), calls.of("write", *BATCHES)
        back = sorted(crowd.back_after(killed))
        after_start = back[len(back) * 99 // 100 - 1] - (started - killed)
        figures.recovered = f"99 % back {max(after_start, 0):.1f} s after the start"
        figures.note(f"{reads} reads of the log, {batches} batches, {len(back)} came back")
        assert len(back) == len(many)
        assert after_start < BACK_WITHIN
        # Each process reads each batch once, and the one that starts reads the newest lines
        # before. Lines that the poll finds while a ring is on its way may be read twice.
        allowed = len(site.servers) * (batches + took) + 1
        assert reads <= allowed, f"{reads} reads of {batches} batches"
        assert reads < len(site.servers) * len(many) / 4
        return Expectations(undisturbed=speakers)

    play(scenario, **calls.environment)


@pytest.mark.full
@pytest.mark.timeout(120)
def test_workers_end_with_their_supervisor(figures):
    """kill -9 of the supervisor of two workers: nobody is left who holds the ports."""
    with FaultSite(servers=1, workers=2) as site:
        workers = site.servers[0].kill_supervisor()
        killed = time.monotonic()
        _, alive = psutil.wait_procs(workers, WORKERS_END_WITHIN)
        figures.recovered = f"both had ended after {time.monotonic() - killed:.1f} s"
        for worker in alive:
            worker.kill()
        assert not alive, f"{len(alive)} workers live on without a supervisor"
