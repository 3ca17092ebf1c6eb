"""The doorbell hears rings of other processes, and ignores unknown messages on the bus."""

import asyncio
import gc

import pytest
from channels.layers import InMemoryChannelLayer

from chat.live import doorbell as doorbells
from chat.live.doorbell import GROUP, LayerDoorbell, Subject
from chat.live.layer import RingLayer
from tests.support.live import PATIENCE
from tests.support.services import Redis
from tests.support.waiting import let_others_run

ROOM = 7
STRANGE = [
    {"type": "typing", "rooms": [ROOM], "name": "alice"},
    {"type": "ring"},
    {"type": "ring", "room": ROOM},
    {"type": "ring", "rooms": None},
    {"type": "ring", "rooms": ROOM},
    {"type": "ring", "rooms": [[ROOM]]},
    {"type": "ring", "rooms": {"id": ROOM}},
    {"type": "ring", "rooms": ["the lobby"]},
    {"kind": "ring", "rooms": [ROOM]},
]


async def hear(layer, act):
    """Return the rooms of the rings that are heard while `act(doorbell)` runs.

    The ring of a room that does not exist comes last and ends the listening.
    """
    heard, over = [], asyncio.Event()

    def hear_ring(room_id):
        hash(room_id)  # the process looks the room up in a dict
        if room_id < 0:
            over.set()
        else:
            heard.append(room_id)

    doorbell = LayerDoorbell(layer, {Subject.ROOMS: hear_ring})
    listening = asyncio.create_task(doorbell.listen())
    while not layer.groups:
        await asyncio.sleep(0)
    await act(doorbell)
    await layer.group_send(GROUP, {"type": "ring", "rooms": [-1], "from": "another"})
    async with asyncio.timeout(PATIENCE):
        await over.wait()
    listening.cancel()
    return heard


@pytest.mark.parametrize("message", STRANGE)
def test_unknown_messages_are_ignored(message, caplog):
    layer = InMemoryChannelLayer()

    async def act(doorbell):
        await layer.group_send(GROUP, message)

    assert asyncio.run(hear(layer, act)) == []
    assert caplog.messages == []


def test_rings_of_other_processes_are_heard_and_our_own_are_not():
    layer = InMemoryChannelLayer()

    async def act(doorbell):
        doorbell.ring(Subject.ROOMS, ROOM)
        await asyncio.sleep(0)  # its task rings now
        await layer.group_send(GROUP, {"type": "ring", "rooms": [ROOM, 8], "from": "another"})

    assert asyncio.run(hear(layer, act)) == [ROOM, 8]


def test_a_ring_has_the_ids_of_each_subject():
    layer, heard = InMemoryChannelLayer(), []

    async def act(ours):
        hearers = {
            subject: lambda changed, subject=subject: heard.append((subject, changed))
            for subject in Subject
        }
        theirs = LayerDoorbell(layer, hearers)
        listening = asyncio.create_task(theirs.listen())
        while len(layer.groups[GROUP]) < 2:
            await asyncio.sleep(0)
        for number, subject in enumerate(Subject):
            ours.ring(subject, number)
        while len(heard) < len(Subject):
            await asyncio.sleep(0)
        listening.cancel()

    asyncio.run(hear(layer, act))
    assert sorted(heard) == sorted((subject, n) for n, subject in enumerate(Subject))


def test_rings_that_wait_are_sent_together():
    layer, sent = InMemoryChannelLayer(), []

    async def act(doorbell):
        layer.group_send = keep
        for room_id in (3, 1, 2, 1):
            doorbell.ring(Subject.ROOMS, room_id)
        await let_others_run()
        del layer.group_send

    async def keep(group, ring):
        sent.append(ring["rooms"])

    asyncio.run(hear(layer, act))
    assert sent == [[1, 2, 3]]


def test_a_closed_doorbell_is_in_no_group():
    layer = InMemoryChannelLayer()
    add, release, done = layer.group_add, asyncio.Event(), asyncio.Event()

    async def add_later(*arguments):
        try:
            await release.wait()
            await add(*arguments)
        finally:
            done.set()

    async def act(doorbell):
        assert layer.groups[GROUP]
        layer.group_add = add_later
        doorbell.renew()
        await asyncio.sleep(0)  # it waits now
        await doorbell.close()
        release.set()
        await done.wait()
        assert GROUP not in layer.groups

    asyncio.run(hear_nothing(layer, act))


def test_a_frozen_bus_does_not_hold_up_the_stop(monkeypatch):
    monkeypatch.setattr(doorbells, "CLOSE_WITHIN", 0.01)
    layer, asked = InMemoryChannelLayer(), []

    async def frozen(*arguments):
        asked.append(arguments)
        await asyncio.Event().wait()

    async def act(doorbell):
        layer.group_discard = frozen
        async with asyncio.timeout(PATIENCE):
            await doorbell.close()
        assert len(asked) == 1

    asyncio.run(hear_nothing(layer, act))


def test_a_bus_that_dies_behind_a_ring_leaves_no_traceback(caplog):
    complaints = []

    async def journey(bus):
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: complaints.append(context))
        layer = RingLayer(hosts=[bus.url])
        channel = await layer.new_channel("process")
        await layer.send(channel, {"type": "ring", "rooms": [ROOM]})
        assert (await layer.receive(channel))["rooms"] == [ROOM]
        bus.kill()  # before the backup of the ring is removed, for which nobody waits
        cleaning = list(layer.receive_cleaners)
        assert cleaning
        await asyncio.wait(cleaning, timeout=PATIENCE)
        assert not layer.receive_cleaners

    with Redis() as bus:
        asyncio.run(journey(bus))
    gc.collect()  # Python complains about unseen errors of tasks when it collects them
    assert complaints == []
    assert caplog.messages == [
        "The backup of a ring cannot be removed: Connection closed by server."
    ]


async def hear_nothing(layer, act):
    """Run `act` with a doorbell that has joined the bus but no longer listens, as during a stop."""
    doorbell = LayerDoorbell(layer, {})
    listening = asyncio.create_task(doorbell.listen())
    while not layer.groups:
        await asyncio.sleep(0)
    listening.cancel()
    await act(doorbell)
