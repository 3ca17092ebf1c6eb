"""The tails of rooms are opened when somebody needs them, and closed when nobody does."""

import asyncio

import pytest

from chat.live import timing
from chat.live.database import Database
from chat.live.doorbell import SilentDoorbell
from chat.live.recent import KEPT_LINES
from chat.live.rooms import Rooms
from chat.room import alteration, creation, state
from tests.support.fake_log import FakeClock, FakeFollower
from tests.support.live import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_tail_is_closed_after_nobody_has_followed_it_for_a_while(lobby, alice):
    garden, orchard = (creation.create(alice, name) for name in ("Garden", "Orchard"))
    clock = FakeClock()

    async def journey():
        database = Database()
        rooms = Rooms(database, SilentDoorbell(), clock=clock.monotonic)
        await rooms.load_lobby()
        tails = [await rooms.tail(room.pk) for room in (lobby, garden, orchard)]
        FakeFollower(tails[2])
        clock.now += timing.TAIL_UNUSED
        rooms.close_unused()
        assert rooms.tails.keys() == {lobby.pk, garden.pk, orchard.pk}
        clock.now += 1
        rooms.close_unused()
        assert rooms.tails.keys() == {lobby.pk, orchard.pk}
        assert [tail.closed for tail in tails] == [False, True, False]
        assert await rooms.tail(garden.pk) is not tails[1]
        tails[2].followers.clear()
        clock.now += timing.TAIL_UNUSED
        rooms.close_unused()
        assert rooms.tails.keys() == {lobby.pk, garden.pk, orchard.pk}
        database.close()

    asyncio.run(journey())


def test_a_tail_that_nobody_waited_for_any_more_is_closed(lobby, alice):
    garden = creation.create(alice, "Garden")
    clock = FakeClock()

    async def journey():
        database = Database()
        rooms = Rooms(database, SilentDoorbell(), clock=clock.monotonic)
        await rooms.load_lobby()
        opening = asyncio.create_task(rooms.tail(garden.pk))
        await asyncio.sleep(0)  # it has begun to read the room
        opening.cancel()
        async with asyncio.timeout(PATIENCE):
            while garden.pk not in rooms.tails:
                await asyncio.sleep(0.01)
        rooms.close_unused()
        assert garden.pk in rooms.tails
        clock.now += timing.TAIL_UNUSED + 1
        rooms.close_unused()
        assert garden.pk not in rooms.tails
        database.close()

    asyncio.run(journey())


def test_the_tails_of_other_rooms_share_the_memory_for_lines(lobby, alice, monkeypatch):
    gardens = [creation.create(alice, f"Garden {number}") for number in range(4)]
    monkeypatch.setattr("chat.live.rooms.LINES_OF_OTHERS", 1200)
    clock = FakeClock()

    async def journey():
        database = Database()
        rooms = Rooms(database, SilentDoorbell(), clock=clock.monotonic)
        await rooms.load_lobby()
        tails = [await rooms.tail(room.pk) for room in gardens]
        lobby_tail = await rooms.tail(lobby.pk)
        rooms.close_unused()
        assert {tail.recent.kept for tail in tails} == {300}
        assert lobby_tail.recent.kept == KEPT_LINES
        FakeFollower(tails[0])
        clock.now += timing.TAIL_UNUSED + 1
        rooms.close_unused()
        assert tails[0].recent.kept == KEPT_LINES
        database.close()

    asyncio.run(journey())


def test_the_tail_of_a_room_begins_with_few_lines_and_without_the_people_of_the_lobby(
    lobby, alice, bob
):
    garden = creation.create(alice, "Garden")

    async def journey():
        database = Database()
        rooms = Rooms(database, SilentDoorbell())
        await rooms.load_lobby()
        tail = await rooms.tail(garden.pk)
        assert [line.kind for line in tail.recent.lines] == ["created"]
        assert tail.recent.people == {}
        database.close()

    asyncio.run(journey())


def test_a_line_that_is_added_while_a_tail_is_opened_is_not_missed(lobby, alice):
    garden = creation.create(alice, "Garden")

    async def journey():
        database = Database()
        rooms = Rooms(database, SilentDoorbell())
        await rooms.load_lobby()
        read = database.read

        async def read_before_the_change(function, *arguments):
            found = await read(function, *arguments)
            if function is state.read_others:
                await database.write(alteration.set_topic, garden.pk, "roses", alice)
                rooms.look_at(garden.pk)
            return found

        database.read = read_before_the_change
        tail = await rooms.tail(garden.pk)
        await tail.running
        assert [line.kind for line in tail.recent.lines] == ["created", "topic"]
        database.close()

    asyncio.run(asyncio.wait_for(journey(), PATIENCE))
