"""A database that does not answer is one that is away: nobody waits for it without end."""

import asyncio
import threading

import pytest
from django.db import OperationalError

from chat.live import database
from chat.live.database import Database


@pytest.fixture
def frozen(monkeypatch):
    """An event for which calls wait that are not answered in time."""
    monkeypatch.setattr(database, "ANSWER_WITHIN", 0.05)
    thawed = threading.Event()
    yield thawed
    thawed.set()


@pytest.mark.parametrize("how", ["read", "write"])
def test_a_call_without_an_answer_ends_as_if_the_database_were_away(frozen, how):
    async def journey():
        asked = Database()
        with pytest.raises(OperationalError, match="does not answer"):
            await getattr(asked, how)(frozen.wait)
        frozen.set()
        asked.close()

    asyncio.run(journey())


def test_what_members_ask_for_leaves_readers_for_the_rest(frozen, monkeypatch):
    monkeypatch.setattr(database, "ANSWER_WITHIN", 30)

    async def journey():
        asked = Database()
        many = [asyncio.create_task(asked.ask(frozen.wait)) for _ in range(50)]
        await asyncio.sleep(0)
        assert await asked.read(lambda: "known") == "known"
        frozen.set()
        assert all(await asyncio.gather(*many))
        asked.close()

    asyncio.run(journey())


def test_what_waited_behind_it_is_never_run(frozen, monkeypatch):
    async def journey():
        asked, ran = Database(), []
        for call in (frozen.wait, lambda: ran.append("late")):
            with pytest.raises(OperationalError):
                await asked.write(call)
        frozen.set()
        monkeypatch.setattr(database, "ANSWER_WITHIN", 30)
        await asked.write(ran.append, "new")
        asked.close()
        assert ran == ["new"]

    asyncio.run(journey())


def test_the_end_does_not_wait_for_a_frozen_database(frozen, monkeypatch):
    monkeypatch.setattr(database, "CLOSE_WITHIN", 0.05)

    async def journey():
        asked = Database()
        with pytest.raises(OperationalError):
            await asked.read(frozen.wait)
        asked.close()
        assert not frozen.is_set()

    asyncio.run(journey())
