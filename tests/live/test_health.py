"""The looks of a process at its own health, without servers."""

import asyncio
import math
import re

import pytest
from channels.layers import InMemoryChannelLayer
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError

from chat.live import doorbell, process, timing
from chat.live.doorbell import LayerDoorbell, SilentDoorbell, Subject
from chat.models import Message, Room
from chat.room import log
from tests.support.live import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def without_bus(monkeypatch):
    """Processes have no bus: a channel layer belongs to the event loop of the first of them."""
    monkeypatch.setattr(doorbell, "make", lambda heard: SilentDoorbell())


def messages(caplog):
    """Return the lines of the log without the seconds, which depend on the machine."""
    return [re.sub(r" after \d+ s$", "", message) for message in caplog.messages]


def in_a_process(scenario, *arguments):
    """Run `scenario(server, *arguments)` with a started server process, which is then stopped."""

    async def run():
        async with asyncio.timeout(PATIENCE):
            server = await process.current()
            try:
                await scenario(server, *arguments)
            finally:
                await server.stop()

    asyncio.run(run())


async def until_healthy():
    while process.problems():
        await asyncio.sleep(0)


def test_a_process_that_stops_is_not_ready():
    async def scenario(server):
        await until_healthy()
        await server.stop()
        assert process.problems() == {"process": "it is stopping"}
        assert not process.is_stuck()

    in_a_process(scenario)


def test_looks_that_do_not_end_count_as_problems(monkeypatch):
    async def scenario(server):
        await until_healthy()
        monkeypatch.setattr(timing, "LOOK_STALE", -math.inf)
        assert set(process.problems()) == {"database", "saving", "bus"}
        assert not process.is_stuck()
        monkeypatch.setattr(timing, "STUCK", -math.inf)
        assert process.is_stuck()

    in_a_process(scenario)


def fail(error):
    raise error


@pytest.mark.parametrize("error", [OperationalError("full"), ProgrammingError("no such table")])
def test_after_a_failed_write_saving_is_tried_until_it_works(error, monkeypatch, caplog):
    """The first trial fails as well."""
    tries = []

    async def scenario(server):
        await until_healthy()
        with pytest.raises(type(error)):
            await server.database.write(fail, error)
        await server.health.look_at_saving()
        assert process.problems() == {"saving": "the last message could not be saved"}
        await server.health.look_at_saving()
        assert process.problems() == {}
        await server.health.look_at_saving()  # nothing to try any more
        assert len(tries) == 2

    try_saving = log.try_saving

    def fail_once(room_id):
        tries.append(room_id)
        if len(tries) == 1:
            fail(error)
        try_saving(room_id)

    monkeypatch.setattr(log, "try_saving", fail_once)
    for name in ("LOOK", "BEAT", "INDEX"):  # no looks and no writes beside those of the test
        monkeypatch.setattr(timing, name, 3600)
    in_a_process(scenario)
    assert Message.objects.count() == 0
    assert messages(caplog) == [
        f"Nothing can be saved: {error}",
        "Messages can be saved again",
    ]


@pytest.mark.parametrize("error", [IntegrityError("said twice"), DataError("too long")])
def test_values_that_the_database_refuses_are_no_outage(error):
    async def scenario(server):
        with pytest.raises(type(error)):
            await server.database.write(fail, error)
        await until_healthy()
        assert not server.database.saving.away

    in_a_process(scenario)


def test_a_database_that_does_not_answer_a_look_is_away_until_it_does(monkeypatch, caplog):
    async def scenario(server):
        await server.health.look_at_bus()
        await server.health.look_at_database()
        await server.health.look_at_database()
        assert process.problems() == {"database": "it does not answer"}
        monkeypatch.undo()
        await server.health.look_at_database()
        assert process.problems() == {}

    monkeypatch.setattr(timing, "LOOK", 60)
    refused = OperationalError("connection refused\n\tIs it running?")
    monkeypatch.setattr(Room.objects, "exists", lambda: fail(refused))
    in_a_process(scenario)
    assert messages(caplog) == [
        "The database does not answer: connection refused Is it running?",
        "The database answers again",
    ]


def test_the_bus_is_away_until_a_message_to_ourselves_is_heard(monkeypatch, caplog):
    heard = []

    async def scenario():
        bell = LayerDoorbell(InMemoryChannelLayer(), {Subject.ROOMS: heard.append})
        for is_heard in (True, False, True):
            monkeypatch.setattr(timing, "LOOK_WITHIN", PATIENCE if is_heard else 0.05)
            if is_heard:
                listening = asyncio.create_task(bell.listen())
                await asyncio.sleep(0)
            await bell.look()
            await bell.look()
            assert bell.is_away is not is_heard
            listening.cancel()
            await asyncio.wait([listening])

    asyncio.run(scenario())
    assert heard == []
    assert messages(caplog) == [
        "Redis is away, so lines of other processes come up to a second later: no answer in time",
        "Redis is back",
    ]


def test_a_ring_that_cannot_be_sent_shows_that_the_bus_is_away(caplog):
    async def scenario():
        layer = InMemoryChannelLayer()
        layer.group_send = refuse
        bell = LayerDoorbell(layer, {})
        for _ in range(3):
            bell.ring(Subject.ROOMS, 1)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert bell.is_away

    async def refuse(*arguments):
        raise ConnectionError("Error 111 connecting to redis:6379. Connection refused.")

    asyncio.run(scenario())
    (line,) = caplog.messages
    assert line.endswith(": Error 111 connecting to redis:6379. Connection refused.")
