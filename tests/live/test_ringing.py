"""Processes tell each other on the bus what has changed, and do not wait for a poll."""

import asyncio

import pytest
from channels.layers import InMemoryChannelLayer

from chat.live import doorbell, timing
from chat.live.doorbell import LayerDoorbell
from chat.live.member import CloseReason
from chat.room import connections
from tests.support.live import PATIENCE
from tests.support.live_members import LiveMember
from tests.support.live_servers import running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def bus(monkeypatch):
    """Let the processes of a test share a bus, and poll nothing."""
    layer = InMemoryChannelLayer()
    monkeypatch.setattr(doorbell, "make", lambda hearers: LayerDoorbell(layer, hearers))
    monkeypatch.setattr(timing, "POLL", 3600)


async def until(condition):
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)  # until the next look


def test_lines_and_changes_of_rooms_are_heard(garden, alice, bob):
    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            ben = await LiveMember().enter(there, bob)
            await ben.open(garden)
            await ann.say(garden, "hello")
            await ben.until_heard(garden, "hello")
            await ann.member.actions.set_topic(garden.pk, "roses")
            assert await ben.until_told("changed", garden.pk) == "roses"

    asyncio.run(journey())


def test_read_positions_are_heard(garden, bob, alice):
    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            ben, phone = [await LiveMember().enter(server, bob) for server in (here, there)]
            said = await ann.say(garden, "hello")
            await ben.member.actions.read(garden.pk, said.seq)
            assert await phone.until_told("read", garden.pk) == (said.seq, 0)

    asyncio.run(journey())


def test_an_ended_connection_is_closed_on_another_process(lobby, alice, bob):
    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            ben = await LiveMember().enter(here, bob)
            await there.database.write(lambda: connections.disconnect(user_id=alice.pk))
            await until(lambda: ann.closed)
            assert (ann.closed, ben.closed) == ([CloseReason.REMOVED], [])

    asyncio.run(journey())


def test_a_replaced_connection_is_closed_on_another_process(lobby, alice, settings):
    settings.MAX_CONNECTIONS_PER_ACCOUNT = 1

    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            await LiveMember().enter(there, alice)
            await until(lambda: ann.closed)

    asyncio.run(journey())
