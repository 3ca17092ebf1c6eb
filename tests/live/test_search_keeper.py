"""The keeper indexes what is said soon after it was saved, in steps that let others go first."""

import asyncio

import pytest

from chat.live import process, search_pace, timing
from chat.live.database import Database
from chat.live.search_keeper import SearchKeeper
from chat.models import IndexedMessage
from chat.room import transcript
from chat.room.transcript import Saying
from chat.search import keeping
from tests.support.live import PATIENCE
from tests.support.log import say
from tests.support.presence import enter
from tests.support.search import found

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stay(lobby, alice, process):
    """The stay of alice."""
    return enter(None, alice, process=process)[0]


def run(journey):
    """Run `journey(keeper, database)`."""

    async def with_database():
        database = Database()
        try:
            await journey(SearchKeeper(database), database)
        finally:
            database.close()

    asyncio.run(with_database())


@pytest.fixture
def steps(monkeypatch):
    """The limits of the steps that were made."""
    limits = []
    step = keeping.step

    def counted(limit):
        limits.append(limit)
        return step(limit)

    monkeypatch.setattr(keeping, "step", counted)
    return limits


def test_everything_is_indexed_in_steps(lobby, alice, stay, steps):
    say(lobby, stay, *(f"rose {number}" for number in range(70)))

    async def journey(keeper, database):
        await keeper.keep()
        assert len(await database.read(lambda: found(alice, "rose", limit=100))) == 70

    run(journey)
    assert len(steps) > 1
    assert steps[0] == search_pace.LEAST_STEP
    assert all(search_pace.LEAST_STEP <= limit <= keeping.MAX_STEP for limit in steps)


def test_without_a_notice_the_logs_are_looked_at_once_a_second(
    lobby, alice, stay, steps, monkeypatch
):
    monkeypatch.setattr(timing, "POLL", 3600)

    async def journey(keeper, database):
        await keeper.keep()
        await database.read(say, lobby, stay, "a rose")
        await keeper.keep()  # the first look since it was noticed
        assert await database.read(found, alice, "rose") == ["a rose"]
        await database.read(say, lobby, stay, "a tulip")
        await keeper.keep()
        assert await database.read(found, alice, "tulip") == []
        keeper.notice()
        await keeper.keep()
        assert await database.read(found, alice, "tulip") == ["a tulip"]

    run(journey)


@pytest.fixture
def looks(monkeypatch):
    """What is asked in pauses: (seconds of a pause, busy ones of these). Two looks make a pause."""
    looks = []

    def earned(elapsed, busy):
        looks.append((elapsed, busy))
        return 0 if len(looks) % 2 else 3600

    monkeypatch.setattr(search_pace, "earned", earned)
    monkeypatch.setattr(search_pace, "LOOK", 0.001)
    monkeypatch.setattr(keeping, "MAX_STEP", search_pace.LEAST_STEP)
    return looks


def test_a_pause_follows_each_step_while_something_else_is_written(lobby, stay, steps, looks):
    say(lobby, stay, *(f"rose {number}" for number in range(50)))

    async def journey(keeper, database):
        with database.writing:
            await keeper.keep()

    run(journey)
    assert len(steps) == 3
    assert len(looks) == 2 * len(steps)
    assert all(elapsed > 0 and busy > 0 for elapsed, busy in looks)


def test_a_pause_ends_when_the_most_that_a_step_can_owe_is_earned(
    lobby, stay, steps, looks, monkeypatch
):
    say(lobby, stay, *(f"rose {number}" for number in range(50)))
    monkeypatch.setattr(search_pace, "owed", lambda took, vendor: 0)

    async def journey(keeper, database):
        with database.writing:
            await keeper.keep()

    run(journey)
    assert len(steps) == 3
    assert looks == []


def test_no_pause_is_made_while_nothing_else_is_written(lobby, stay, steps, looks):
    say(lobby, stay, *(f"rose {number}" for number in range(50)))

    async def journey(keeper, database):
        await database.write(lambda: None)
        await keeper.keep()

    run(journey)
    assert len(steps) == 3
    assert looks == []


def test_a_process_finds_what_its_members_say(lobby, alice, stay):
    async def journey():
        server = await process.current()
        try:
            await server.database.write(
                transcript.say, [Saying(lobby.pk, stay.connection_id, "a rose")]
            )
            server.rooms.announce(lobby.pk)
            async with asyncio.timeout(PATIENCE):
                while await server.database.read(found, alice, "rose") == []:
                    await asyncio.sleep(0.01)
        finally:
            await process.stop()

    asyncio.run(journey())
    assert IndexedMessage.objects.count() == 1
