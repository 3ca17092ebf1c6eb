"""The cork: what a connection is sent for several rooms becomes one write."""

import asyncio
import json

import pytest

from chat.live.cork import cork
from chat.room import creation, membership
from tests.support.live_members import LiveMember
from tests.support.live_servers import running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_looks")]


class Watching(LiveMember):
    """A member that notes the rooms of each write, and whose client takes some events of the next.

    `on_write` is called before each write.
    """

    takes = None  # events of the next write
    on_write = staticmethod(lambda: None)

    def __init__(self):
        super().__init__()
        self.writes = []

    def write(self, events):
        self.on_write()
        taken, self.takes = len(events) if self.takes is None else self.takes, None
        self.writes.append([json.loads(event["text"]).get("room") for event in events[:taken]])
        return [*super().write(events[:taken]), *events[taken:]]


@pytest.fixture
def orchard(alice, bob):
    orchard = creation.create(alice, "Orchard")
    membership.join(orchard.pk, bob)
    return orchard


async def enter(server, alice, bob, *rooms):
    """Let both enter with rooms open, and say something in the first one."""
    ann = await Watching().enter(server, alice)
    ben = await Watching().enter(server, bob)
    for room in rooms:
        await ann.open(room)
        await ben.open(room)
    # The first one opens the connection to the database, so that others can come together.
    await ann.say(rooms[0], "alone")
    assert ben.writes[-1:] == [[rooms[0].pk]]
    ann.writes.clear()
    ben.writes.clear()
    return ann, ben


def texts(member, *rooms):
    return [member.texts(room)[-1:] for room in rooms]


def test_messages_of_several_rooms_that_are_saved_together_are_one_write(
    garden, orchard, alice, bob
):
    async def journey():
        async with running(1) as server:
            ann, ben = await enter(server, alice, bob, garden, orchard)
            await asyncio.gather(ann.say(garden, "one"), ben.say(orchard, "two"))
            for member in (ann, ben):
                assert texts(member, garden, orchard) == [["one"], ["two"]]
                assert member.writes == [[garden.pk, orchard.pk]]
            assert not cork.is_in_place

    asyncio.run(journey())


@pytest.mark.parametrize("taken", [0, 1])
def test_a_client_that_takes_a_part_of_a_write_is_sent_the_rest_later(
    taken, garden, orchard, alice, bob
):
    async def journey():
        async with running(1) as server:
            ann, ben = await enter(server, alice, bob, garden, orchard)
            ben.takes = taken
            ben.hesitate()
            saying = asyncio.ensure_future(ben.say(orchard, "two"))
            await ann.say(garden, "one")
            assert ben.member.rooms.followers[orchard.pk].cursor < orchard_cursor(ann)
            ben.take_again()
            await saying
            await ben.until_heard(garden, "one")
            assert ben.texts(garden) == ["alone", "one"]
            assert ben.texts(orchard) == ["two"]

    def orchard_cursor(ann):
        return ann.member.rooms.followers[orchard.pk].cursor

    asyncio.run(journey())


def test_a_client_that_has_gone_and_an_error_end_no_other_connection(
    garden, orchard, alice, bob, caplog
):
    def lose():
        raise ConnectionResetError

    async def journey():
        async with running(1) as server:
            ann, ben = await enter(server, alice, bob, garden, orchard)
            cat = await Watching().enter(server, bob)
            for room in (garden, orchard):
                await cat.open(room)
            ben.on_write, cat.on_write = lose, lambda: 1 / 0
            await asyncio.gather(ann.say(garden, "one"), ann.say(orchard, "two"))
            assert ann.writes == [[garden.pk, orchard.pk]]
            assert all(each.stopped for each in ben.member.rooms.followers.values())
            assert cat.member.ended
            assert not ann.member.ended

    asyncio.run(journey())
    assert caplog.text.count("ended by an error while it was sent lines") == 1
