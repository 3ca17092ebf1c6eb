"""A server process stores the security events that it records, and deletes old ones."""

import asyncio
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from chat.accounts import event_rows, events
from chat.accounts.events import Kind, Requester
from chat.live import timing
from chat.live.process import ServerProcess
from chat.models import SecurityEvent
from tests.support.events import recorded

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_regular_job(monkeypatch):
    """Let processes store events only when a test says so."""
    monkeypatch.setattr(timing, "STORE_EVENTS", 3600)


async def with_process(act):
    server = ServerProcess()
    await server.start()
    try:
        await act(server)
    finally:
        await server.stop()


async def count():
    def count_on_thread():
        with closing(connection):
            return SecurityEvent.objects.count()

    return await asyncio.to_thread(count_on_thread)


def test_events_are_stored_without_blocking_the_event_loop_and_at_the_stop():
    async def act(server):
        events.record(Kind.ORIGIN_REFUSED, Requester("192.0.2.1"))  # on the event loop
        await asyncio.to_thread(events.record, Kind.THROTTLED, Requester("192.0.2.1"))
        assert await count() == 0
        await server.store_events()
        assert await count() == 2
        events.record(Kind.ORIGIN_REFUSED, Requester("192.0.2.2"))

    asyncio.run(with_process(act))
    assert len(recorded("kind")) == 3


def test_events_wait_while_the_database_is_away(monkeypatch):
    def fail(entries):
        raise OperationalError("the database is away")

    async def act(server):
        events.record(Kind.ORIGIN_REFUSED, Requester("192.0.2.1"))
        with monkeypatch.context() as patched:
            patched.setattr(event_rows, "store", fail)
            await server.store_events()
        assert await count() == 0
        await server.store_events()
        assert await count() == 1

    asyncio.run(with_process(act))


def test_old_events_are_deleted_in_batches_with_pauses(monkeypatch):
    monkeypatch.setattr(event_rows, "DELETED_AT_ONCE", 2)
    monkeypatch.setattr(timing, "POLL", 0)
    old = timezone.now() - timedelta(days=91)
    for at in [old] * 5 + [timezone.now()]:
        SecurityEvent.objects.create(at=at, kind="signed_in")
    asyncio.run(with_process(lambda server: server.delete_old_events()))
    assert len(recorded("at")) == 1
