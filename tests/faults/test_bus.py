"""Redis dies or freezes, or rings are lost and reordered. Lines arrive, a little later."""

import asyncio
import signal
import time
from statistics import median

import pytest
from channels_redis.core import RedisChannelLayer

from chat.live import doorbell
from tests.faults.arrivals import bus_times, line_times, listen
from tests.faults.figures import allowed, percentile_99, spread
from tests.faults.judge import Expectations
from tests.faults.readiness import until_wrong
from tests.faults.waiting import until, until_time

WITHOUT_BUS = 4  # seconds that a line may take: a poll each second, and a loaded machine
WITH_BUS = 0.2
NOTICEABLE = 0.15  # seconds; rare messages come 0.2 s apart
IN_USE_WITHIN = 5  # seconds after the bus is back
RUNG_WITHIN = 6  # times 200 messages, beside other tests


async def lose_bus(site, crowd, figures, remove, restore, seconds, full=True):
    """Talk with the bus, for some seconds without it, and with it again."""
    await crowd.gather(45, 5)
    listeners = listen(crowd)
    async with crowd.talking(40, speakers=crowd.speakers_in_blocks()):
        start = time.monotonic()
        await crowd.until_acknowledged(100)
        removed = time.monotonic()
        await asyncio.to_thread(remove)
        await until_wrong(site.servers, "bus")
        await until_time(removed + seconds)
        await asyncio.to_thread(restore)
        in_use = time.monotonic() + IN_USE_WITHIN
        await until_time(in_use)
        await crowd.until_acknowledged(400)
        end = time.monotonic()
        if not full:
            await until_rung(crowd, listeners)
    await crowd.settle()
    last = site.database.last_seq()
    await until(
        lambda: all(listener.received.last >= last for listener in listeners), "one is behind"
    )
    before, without, after = (
        line_times(crowd, listeners, *span, elsewhere=True)
        for span in ((start, removed), (removed, in_use), (in_use, end))
    )
    figures.recovered = f"heard elsewhere with the bus in {spread(before)}"
    figures.recovered += f", without {spread(without)}"
    figures.note(f"{IN_USE_WITHIN} s after its return {spread(after)}")
    refused = [message for message in crowd.acknowledged() if message.refused_at]
    # Beside other tests a statement may once have to wait for the processor until it is refused.
    most_refused = 0 if full else len(crowd.everybody)
    assert len(refused) <= most_refused, f"{len(refused)} were told to try again"
    longest = max(without)
    assert longest < allowed(WITHOUT_BUS, full), f"{longest:.2f} s while the bus was away"
    if full:
        rung = bus_times(crowd, listeners, in_use, end)
        assert percentile_99(rung) < WITH_BUS, f"{spread(rung)} after its return"
    return Expectations(undisturbed=crowd.everybody)


async def until_rung(crowd, listeners):
    """Wait until some messages in turn arrive as only the bus can bring them.

    Other tests run beside the short scenario, and may delay everything for a while. Without the bus
    the median would be half a second.
    """
    for _ in range(RUNG_WITHIN):
        since = time.monotonic()
        await crowd.until_acknowledged(100)
        before = time.monotonic()
        await crowd.until_acknowledged(100)  # those said before have arrived meanwhile
        rung = bus_times(crowd, listeners, since, before)
        if rung and median(rung) < WITH_BUS:
            return
    raise AssertionError(f"{spread(rung)} after its return")


def test_lines_arrive_while_redis_is_away_and_it_is_used_when_it_is_back(
    play, own_redis, figures, full
):
    """F3: Redis killed, away 20 s, back empty."""
    seconds = 20 if full else 8
    figures.fault = f"F3: Redis killed, away {seconds} s, back empty"

    async def scenario(site, crowd):
        kill, start = own_redis.kill, own_redis.start
        return await lose_bus(site, crowd, figures, kill, start, seconds, full)

    play(scenario, redis=own_redis.url)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_lines_arrive_while_redis_is_frozen(play, own_redis, figures):
    """F4: Redis frozen (SIGSTOP) for 30 s."""

    def freeze():
        own_redis.process.send_signal(signal.SIGSTOP)

    def thaw():
        own_redis.process.send_signal(signal.SIGCONT)

    async def scenario(site, crowd):
        return await lose_bus(site, crowd, figures, freeze, thaw, 30)

    play(scenario, redis=own_redis.url)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_lines_arrive_when_rings_are_lost_doubled_late_and_out_of_order(play, figures):
    """F11: a bus that drops 10 % of the rings, doubles, delays and swaps them."""

    async def scenario(site, crowd):
        await crowd.gather(90, 10)
        listeners = listen(crowd)
        start = time.monotonic()
        await crowd.talk(100, count=2_000, speakers=crowd.members)
        # Rare messages, so that no other ring makes up for a lost one.
        await crowd.talk(5, count=100, speakers=crowd.speakers_in_blocks(turns=5))
        await crowd.settle()
        times = line_times(crowd, listeners, start, elsewhere=True)
        figures.recovered = f"heard within {spread(times)}, {max(times):.1f} s at most"
        assert max(times) > NOTICEABLE, "the bus had no faults"
        assert max(times) < WITHOUT_BUS
        return Expectations(undisturbed=crowd.everybody, messages=2_100)

    play(scenario, DJANGO_SETTINGS_MODULE="tests.faults.settings_bad_bus")


@pytest.mark.full
@pytest.mark.timeout(300)
def test_lines_and_rings_of_a_newer_version_disturb_nobody(play, redis, figures):
    """F14: rows of an unknown kind, and rings of unknown types."""

    async def scenario(site, crowd):
        await crowd.gather(45, 5)
        layer = RedisChannelLayer(hosts=[redis.url])
        listeners = listen(crowd)
        start = time.monotonic()
        async with crowd.talking(50, speakers=crowd.speakers_in_blocks()):
            for number in range(20):
                await crowd.until_acknowledged(20)
                await asyncio.to_thread(write_reaction, site.database, number)
                for ring in unknown_rings():
                    await layer.group_send(doorbell.GROUP, ring)
        await layer.close_pools()
        await crowd.settle()
        times = line_times(crowd, listeners, start, elsewhere=True)
        figures.recovered = f"nobody is disturbed; heard elsewhere in {spread(times)}"
        # A listener that fails over a ring finds lines by the poll alone for a while.
        rung = bus_times(crowd, listeners, start)
        assert percentile_99(rung) < WITH_BUS, spread(rung)
        assert "The bus cannot be" not in site.output, site.output[-2000:]

        def reactions_arrived(log):
            assert "reaction" in {line["kind"] for line in crowd.members[0].received.lines}

        return Expectations(undisturbed=crowd.everybody, also=reactions_arrived)

    play(scenario)


def unknown_rings():
    """Yield messages on the bus that this version does not know."""
    yield {"type": "typing", "rooms": [1], "name": "alice"}
    yield {"type": "ring"}
    yield {"type": "ring", "rooms": "the lobby"}
    yield {"type": "ring", "rooms": ["the lobby", None, 10**9], "accounts": {"alice": 1}}
    yield {"type": "ring", "polls": [1], "seq": 7}
    yield {"kind": "ring"}


def write_reaction(database, number):
    """Write a line of an unknown kind, as a newer version would."""
    database.write(
        "UPDATE chat_room SET last_seq = last_seq + 1",
        "INSERT INTO chat_message (room_id, seq, kind, name, text, at, guest, removed)"
        f" SELECT id, last_seq, 'reaction', 'zoe', 'wave {number}', now(), false, false"
        " FROM chat_room",
    )
