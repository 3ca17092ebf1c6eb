"""A bus that dies, freezes, loses and mixes up: chat goes on, and gets slower at most."""

import asyncio
import signal
import statistics
import time

import pytest
import uvloop
from channels_redis.core import RedisChannelLayer

from tests.faults.crowd import Crowd
from tests.faults.figures import spread
from tests.faults.members import until
from tests.faults.site import Site
from tests.services import Redis

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


async def spells(site, figures, away, back, seconds, sizes=(45, 5)):
    """Talk with the bus, without it for some seconds, and with it again."""
    crowd = Crowd(site)
    await crowd.gather(*sizes)
    speakers = [member for member in crowd.members if member.place is site.servers[0]][:10]
    ear = next(member for member in crowd.members if member.place is site.servers[1])
    ear.arrivals = {}
    async with crowd.talking(40, speakers=speakers):
        begun = time.monotonic()
        await crowd.acknowledged(100)
        gone = time.monotonic()
        await asyncio.to_thread(away)
        await passed(gone, seconds)
        await asyncio.to_thread(back)
        returned = time.monotonic()
        await passed(returned, BACK_IN_USE)
        await crowd.acknowledged(200)
        ended = time.monotonic()
    await crowd.settle()
    await until(lambda: ear.last == site.truth.last_seq(), "the ear is behind")
    before = crowd.line_times(ear, begun, gone)
    during = crowd.line_times(ear, gone, returned)
    after = crowd.line_times(ear, returned + BACK_IN_USE, ended)
    figures.recovered = (
        f"heard elsewhere with the bus in {spread(before)}, without {spread(during)}"
    )
    figures.note(f"{BACK_IN_USE} s after its return {spread(after)}")
    ends = [end for member in crowd.members for end in member.ends]
    assert not ends, f"closed: {ends[:5]}"
    assert not any(guest.closed for guest in crowd.guests)
    refused = [told for told in crowd.told() if told.refused_at]
    assert not refused, f"{len(refused)} were told to try again"
    assert max(during) < WHILE_AWAY, f"{max(during):.2f} s while the bus was away"
    # Lines that only the poll finds take half of its interval at the median. The load shares the
    # cores with the servers, so single late lines say nothing.
    assert statistics.median(after) < WITH_BUS, f"{spread(after)} after its return"
    await crowd.judge(figures)


async def passed(since, seconds):
    """Wait for a moment: the length of a fault is part of the scenario."""
    await until(lambda: time.monotonic() >= since + seconds, "time stands still", seconds + 5)


def test_redis_is_killed_and_comes_back_empty(database, own_redis, figures, full):
    """F3: Redis killed, away 20 s, back empty."""
    seconds = 20 if full else 8
    figures.fault = f"F3: Redis killed, away {seconds} s, back empty"
    with Site(database=database, redis=own_redis.url) as site:
        uvloop.run(spells(site, figures, own_redis.kill, own_redis.start, seconds))


@pytest.mark.full
@pytest.mark.timeout(300)
def test_redis_is_frozen(database, own_redis, figures):
    """F4: Redis frozen (SIGSTOP) for 30 s."""

    def freeze():
        own_redis.process.send_signal(signal.SIGSTOP)

    def thaw():
        own_redis.process.send_signal(signal.SIGCONT)

    with Site(database=database, redis=own_redis.url) as site:
        uvloop.run(spells(site, figures, freeze, thaw, 30))


@pytest.mark.full
@pytest.mark.timeout(300)
def test_rings_are_lost_doubled_late_and_out_of_order(database, redis, figures):
    """F11: a bus that drops 10 % of the rings, doubles, delays and swaps them."""

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(90, 10)
        ear = crowd.members[0]
        ear.arrivals = {}
        begun = time.monotonic()
        await crowd.talk(100, count=2_000, speakers=crowd.members)
        await crowd.talk(5, count=100, speakers=crowd.members)  # seldom: the next ring is far
        await crowd.settle()
        times = crowd.line_times(ear, begun)
        figures.recovered = f"heard within {spread(times)}, {max(times):.1f} s at most"
        assert max(times) > SHORT, "the bus was good"
        assert max(times) < WHILE_AWAY
        await crowd.judge(figures)

    settings = {"DJANGO_SETTINGS_MODULE": "tests.faults.settings_bad_bus"}
    with Site(database=database, redis=redis.url, **settings) as site:
        uvloop.run(scenario(site))


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_newer_version_says_what_is_not_known_here(database, redis, figures):
    """F14: rows of an unknown kind, and rings of unknown types."""

    async def scenario(site):
        crowd = Crowd(site)
        await crowd.gather(45, 5)
        layer = RedisChannelLayer(hosts=[redis.url])
        async with crowd.talking(50):
            for number in range(20):
                await crowd.acknowledged(10)
                await asyncio.to_thread(react, site.truth, number)
                for message in strange_rings():
                    await layer.group_send(f"room.{room_of(site.truth)}", message)
        await layer.close_pools()
        await crowd.settle()
        assert not any(member.ends for member in crowd.members)
        await crowd.judge(figures)
        figures.recovered = "nobody is disturbed"
        kinds = {line["kind"] for line in crowd.members[0].lines}
        assert "reaction" in kinds

    with Site(database=database, redis=redis.url) as site:
        uvloop.run(scenario(site))


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
