"""What comes over the bus is not trusted: a newer version rings otherwise, and nobody is deaf."""

import asyncio
import gc

import pytest
from channels.layers import InMemoryChannelLayer

from chat.live import doorbell as doorbells
from chat.live.doorbell import Doorbell
from chat.live.layer import Layer
from tests.support.services import Redis

ROOM = 7
STRANGE = [
    {"type": "typing", "room": ROOM, "name": "alice"},
    {"type": "ring"},
    {"type": "ring", "room": None},
    {"type": "ring", "room": [ROOM]},
    {"type": "ring", "room": {"id": ROOM}},
    {"type": "ring", "room": "the lobby"},
    {"kind": "ring", "room": ROOM},
]


async def hear(layer, act):
    """The rooms that a process hears of until the ring of one that there is not comes last."""
    heard, over = [], asyncio.Event()

    def hears(room_id):
        hash(room_id)  # as it is looked up among the rooms that are followed
        if room_id < 0:
            over.set()
        else:
            heard.append(room_id)

    doorbell = Doorbell(layer, hears)
    doorbell.follow(ROOM)
    listening = asyncio.create_task(doorbell.listen())
    while not layer.groups:
        await asyncio.sleep(0)
    await act(doorbell)
    await layer.group_send(f"room.{ROOM}", {"type": "ring", "room": -1, "from": "another"})
    async with asyncio.timeout(5):
        await over.wait()
    listening.cancel()
    return heard


@pytest.mark.parametrize("message", STRANGE)
def test_what_is_not_known_is_passed_over(message, caplog):
    layer = InMemoryChannelLayer()

    async def act(doorbell):
        await layer.group_send(f"room.{ROOM}", message)

    assert asyncio.run(hear(layer, act)) == []
    assert caplog.messages == []


def test_another_process_is_heard_and_we_ourselves_are_not():
    layer = InMemoryChannelLayer()

    async def act(doorbell):
        doorbell.ring(ROOM)
        await asyncio.sleep(0)  # its task rings now
        await layer.group_send(f"room.{ROOM}", {"type": "ring", "room": ROOM, "from": "another"})

    assert asyncio.run(hear(layer, act)) == [ROOM]


def test_who_closes_is_rung_no_more():
    layer = InMemoryChannelLayer()
    add, go_on = layer.group_add, asyncio.Event()

    async def add_later(*arguments):
        await go_on.wait()
        await add(*arguments)

    async def act(doorbell):
        assert layer.groups[f"room.{ROOM}"]
        layer.group_add = add_later
        doorbell.renew()
        joining = doorbell._renewing
        await asyncio.sleep(0)  # it waits now
        await doorbell.close()
        go_on.set()
        await asyncio.wait([joining])
        assert f"room.{ROOM}" not in layer.groups

    asyncio.run(hear_nothing(layer, act))


def test_a_frozen_bus_does_not_hold_up_the_stop(monkeypatch):
    monkeypatch.setattr(doorbells, "CLOSE_WITHIN", 0.01)
    layer, asked = InMemoryChannelLayer(), []

    async def frozen(*arguments):
        asked.append(arguments)
        await asyncio.Event().wait()

    async def act(doorbell):
        layer.group_discard = frozen
        async with asyncio.timeout(5):
            await doorbell.close()
        assert len(asked) == 1

    asyncio.run(hear_nothing(layer, act))


def test_a_bus_that_dies_behind_a_ring_leaves_no_traceback(caplog):
    complaints = []

    async def journey(bus):
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: complaints.append(context))
        layer = Layer(hosts=[bus.url])
        channel = await layer.new_channel("process")
        await layer.send(channel, {"type": "ring", "room": ROOM})
        assert (await layer.receive(channel))["room"] == ROOM
        bus.kill()  # before the ring was cleaned away, which nobody waits for
        cleaning = list(layer.receive_cleaners)
        assert cleaning
        await asyncio.wait(cleaning, timeout=10)
        assert not layer.receive_cleaners

    with Redis() as bus:
        asyncio.run(journey(bus))
    gc.collect()  # only then does Python look whether anybody has seen a task's error
    assert complaints == []
    assert caplog.messages == ["The bus cannot be cleaned: ConnectionError"]


async def hear_nothing(layer, act):
    """A doorbell that has joined its room, and no longer listens, as when the process stops."""
    doorbell = Doorbell(layer, None)
    doorbell.follow(ROOM)
    listening = asyncio.create_task(doorbell.listen())
    while not layer.groups:
        await asyncio.sleep(0)
    listening.cancel()
    await act(doorbell)
