"""Calls of a database that does not answer fail in time, as if it were away."""

import asyncio
import threading
from types import SimpleNamespace

import pytest
from django.db import OperationalError

from chat.live import database, timing
from chat.live.database import Closed, Database
from chat.live.process import ServerProcess
from chat.models.unavailable import OutcomeUnknown
from tests.support.live import PATIENCE


@pytest.fixture
def frozen(monkeypatch):
    """An event for which calls wait longer than they may."""
    monkeypatch.setattr(timing, "ANSWER_WITHIN", 0.05)
    thawed = threading.Event()
    yield thawed
    thawed.set()


@pytest.mark.parametrize("how", ["read", "write"])
def test_a_call_without_an_answer_fails_as_if_the_database_were_away(frozen, how):
    async def journey():
        subject = Database()
        with pytest.raises(OperationalError, match="does not answer"):
            await getattr(subject, how)(frozen.wait)
        frozen.set()
        subject.close()

    asyncio.run(journey())


def test_only_the_outcome_of_a_write_that_has_begun_is_unknown(frozen):
    async def failure(call):
        with pytest.raises(OperationalError) as raised:
            await call
        return raised.type

    async def journey():
        subject = Database()
        assert await failure(subject.read(frozen.wait)) is OperationalError
        while await failure(subject.write(frozen.wait)) is not OutcomeUnknown:
            pass  # the thread has not begun it yet
        assert await failure(subject.write(frozen.wait)) is OperationalError
        frozen.set()
        subject.close()

    asyncio.run(journey())


def test_reads_for_members_leave_threads_for_the_process_itself(frozen, monkeypatch):
    monkeypatch.setattr(timing, "ANSWER_WITHIN", PATIENCE)

    async def journey():
        subject = Database()
        many = [asyncio.create_task(subject.read_for_member(frozen.wait)) for _ in range(50)]
        await asyncio.sleep(0)
        assert await subject.read(lambda: "known") == "known"
        frozen.set()
        assert all(await asyncio.gather(*many))
        subject.close()

    asyncio.run(journey())


def test_calls_that_waited_behind_a_failed_one_are_never_run(frozen, monkeypatch):
    async def journey():
        subject, ran = Database(), []
        for call in (frozen.wait, lambda: ran.append("late")):
            with pytest.raises(OperationalError):
                await subject.write(call)
        frozen.set()
        monkeypatch.setattr(timing, "ANSWER_WITHIN", PATIENCE)
        await subject.write(ran.append, "new")
        subject.close()
        assert ran == ["new"]

    asyncio.run(journey())


def test_closing_does_not_wait_for_a_frozen_database(frozen, monkeypatch):
    monkeypatch.setattr(database, "CLOSE_WITHIN", 0.05)

    async def journey():
        subject = Database()
        with pytest.raises(OperationalError):
            await subject.read(frozen.wait)
        subject.close()
        assert not frozen.is_set()

    asyncio.run(journey())


def test_closing_closes_the_connection_of_each_thread_also_if_most_are_at_work(frozen, monkeypatch):
    """Otherwise a thread that has no work would take the turns of all others."""
    monkeypatch.setattr(timing, "ANSWER_WITHIN", PATIENCE)
    closed = []

    def close():
        closed.append(threading.current_thread().name)

    monkeypatch.setattr(database, "connection", SimpleNamespace(close=close))

    def readers():
        return sorted(name for name in closed if name.startswith("reader"))

    async def journey():
        subject = Database()
        at_work = [
            asyncio.create_task(subject.read(frozen.wait)) for _ in range(database.READERS - 1)
        ]
        await asyncio.sleep(0)
        closing = asyncio.create_task(asyncio.to_thread(subject.close))
        async with asyncio.timeout(PATIENCE):
            while not readers():
                await asyncio.sleep(0.01)  # until the next look
        frozen.set()
        await asyncio.gather(closing, *at_work)

    asyncio.run(journey())
    assert len(readers()) == len(set(readers())) == database.READERS


def test_jobs_end_quietly_when_the_interpreter_ends_under_a_running_loop(monkeypatch, caplog):
    async def journey():
        server = ServerProcess()
        # As when `runserver` reloads: threads end at once, and the loop a moment later.
        monkeypatch.setattr("concurrent.futures.thread._shutdown", True)
        with pytest.raises(Closed):
            await server.database.read(lambda: None)
        with pytest.raises(Closed):
            await server.database.write(lambda: None)
        await server.run_job(server.poll)
        monkeypatch.undo()
        server.database.close()
        await server.doorbell.close()

    asyncio.run(journey())
    assert caplog.messages == []
