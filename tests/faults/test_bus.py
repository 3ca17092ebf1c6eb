"""A bus that dies, freezes, loses and mixes up: chat goes on, and gets slower at most."""

import asyncio
import signal
import time

import pytest
from channels_redis.core import RedisChannelLayer

from tests.faults.crowd import Crowd
from tests.faults.figures import nearly_all, spread
from tests.faults.members import until
from tests.support.services import Redis

WHILE_AWAY = 2  # seconds that a line may take without the bus
WITH_BUS = 0.2
SHORT = 0.15  # seconds; the messages that are seldom come 0.2 s apart
BACK_IN_USE = 5  # seconds after its return


@pytest.fixture
def own_redis():
    """A Redis that may be hurt."""
    with Redis() as service:
        try:
            yield service
        finally:
            service.process.send_signal(signal.SIGCONT)


async def spells(site, figures, away, back, seconds):
    """Talk with the bus, without it for some seconds, and with it again, on both servers."""
    crowd = Crowd(site)
    await crowd.gather(45, 5)
    ears = crowd.listen()
    async with crowd.talking(40, speakers=crowd.in_blocks()):
        begun = time.monotonic()
        await crowd.acknowledged(100)
        gone = time.monotonic()
        await asyncio.to_thread(away)
        await passed(gone, seconds)
        await asyncio.to_thread(back)
        returned = time.monotonic()
        await passed(returned, BACK_IN_USE)
        await crowd.acknowledged(400)
        ended = time.monotonic()
    await crowd.settle()
    last = site.truth.last_seq()
    await until(lambda: all(ear.last == last for ear in ears), "an ear is behind")
    before = crowd.line_times(ears, begun, gone, elsewhere=True)
    during = crowd.line_times(ears, gone, returned + BACK_IN_USE, elsewhere=True)
    after = crowd.line_times(ears, returned + BACK_IN_USE, ended, elsewhere=True)
    figures.recovered = (
        f"heard elsewhere with the bus in {spread(before)}, without {spread(during)}"
    )
    figures.note(f"{BACK_IN_USE} s after its return {spread(after)}")
    refused = [told for told in crowd.told() if told.refused_at]
    assert not refused, f"{len(refused)} were told to try again"
    assert max(during) < WHILE_AWAY, f"{max(during):.2f} s while the bus was away"
    rung = crowd.bus_times(ears, returned + BACK_IN_USE, ended)
    assert nearly_all(rung) < WITH_BUS, f"{spread(rung)} after its return"
    await crowd.judge(figures, undisturbed=crowd.everybody)


async def passed(since, seconds):
    """Wait for a moment: the length of a fault is part of the scenario."""
    await until(lambda: time.monotonic() >= since + seconds, "time stands still", seconds + 5)


def test_redis_is_killed_and_comes_back_empty(play, database, own_redis, figures, full):
    """F3: Redis killed, away 20 s, back empty."""
    seconds = 20 if full else 8
    figures.fault = f"F3: Redis killed, away {seconds} s, back empty"

    async def scenario(site):
        await spells(site, figures, own_redis.kill, own_redis.start, seconds)

    play(scenario, database=database, redis=own_redis.url)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_redis_is_frozen(play, database, own_redis, figures):
    """F4: Redis frozen (SIGSTOP) for 30 s."""

    def freeze():
        own_redis.process.send_signal(signal.SIGSTOP)

    def thaw():
        own_redis.process.send_signal(signal.SIGCONT)

    async def scenario(site):
        await spells(site, figures, freeze, thaw, 30)

    play(scenario, database=database, redis=own_redis.url)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_rings_are_lost_doubled_late_and_out_of_order(play, database, redis, figures):
    """F11: a bus that drops 10 % of the rings, doubles, delays and swaps them."""

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(90, 10)
        ears = crowd.listen()
        begun = time.monotonic()
        await crowd.talk(100, count=2_000, speakers=crowd.members)
        # Seldom, so that the next ring is far.
        await crowd.talk(5, count=100, speakers=crowd.in_blocks(turns=5))
        await crowd.settle()
        times = crowd.line_times(ears, begun, elsewhere=True)
        figures.recovered = f"heard within {spread(times)}, {max(times):.1f} s at most"
        assert max(times) > SHORT, "the bus was good"
        assert max(times) < WHILE_AWAY
        await crowd.judge(figures, undisturbed=crowd.everybody)
        assert figures.messages == 2_100

    settings = {"DJANGO_SETTINGS_MODULE": "tests.faults.settings_bad_bus"}
    play(scenario, database=database, redis=redis.url, **settings)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_newer_version_says_what_is_not_known_here(play, database, redis, figures):
    """F14: rows of an unknown kind, and rings of unknown types."""

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(45, 5)
        layer = RedisChannelLayer(hosts=[redis.url])
        ears = crowd.listen()
        begun = time.monotonic()
        async with crowd.talking(50, speakers=crowd.in_blocks()):
            for number in range(20):
                await crowd.acknowledged(20)
                await asyncio.to_thread(react, site.truth, number)
                for message in strange_rings():
                    await layer.group_send(f"room.{room_of(site.truth)}", message)
        await layer.close_pools()
        await crowd.settle()
        times = crowd.line_times(ears, begun, elsewhere=True)
        figures.recovered = f"nobody is disturbed; heard elsewhere in {spread(times)}"
        # Who stumbles over a ring is deaf for a while, and finds lines by the poll alone.
        rung = crowd.bus_times(ears, begun)
        assert nearly_all(rung) < WITH_BUS, spread(rung)
        assert "The bus cannot be heard" not in site.output, site.output[-2000:]
        await crowd.judge(figures, undisturbed=crowd.everybody)
        kinds = {line["kind"] for line in crowd.members[0].lines}
        assert "reaction" in kinds

    play(scenario, database=database, redis=redis.url)


def strange_rings():
    yield {"type": "typing", "room": 1, "name": "alice"}
    yield {"type": "ring"}
    yield {"type": "ring", "room": "the lobby"}
    yield {"type": "ring", "room": [1], "seq": 7}
    yield {"kind": "ring"}


def room_of(truth):
    ((pk,),) = truth.ask("SELECT id FROM chat_room")
    return pk


def react(truth, number):
    """Write the row of a kind that does not exist yet, as a newer version would."""
    truth.write(
        "UPDATE chat_room SET last_seq = last_seq + 1",
        "INSERT INTO chat_message (room_id, seq, kind, name, text, at, guest, removed)"
        f" SELECT id, last_seq, 'reaction', 'zoe', 'wave {number}', now(), false, false"
        " FROM chat_room",
    )
