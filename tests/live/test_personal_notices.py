"""People who are connected are told what waits for them alone, on whatever process they are."""

import asyncio

import pytest
from channels.layers import InMemoryChannelLayer
from django.db import OperationalError

from chat.live import doorbell
from chat.live.doorbell import LayerDoorbell
from chat.room import personal_notices, reporting, reports, targets
from chat.room.moderation_log import Door, Moderator
from chat.room.reporting import Reporter
from tests.support.live import PATIENCE
from tests.support.live_members import LiveMember
from tests.support.live_servers import running
from tests.support.threads import in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_looks")]


@pytest.fixture(autouse=True)
def bus(monkeypatch):
    """Let the processes of a test share a bus."""
    layer = InMemoryChannelLayer()
    monkeypatch.setattr(doorbell, "make", lambda hearers: LayerDoorbell(layer, hearers))


def decide(room, owner, reporter):
    """Let somebody report the owner of a room, and staff look at it."""
    by = Reporter(reporter, reporter.username, Door.PAGE)
    found = reporting.report(by, room.pk, None, targets.of_account(owner), "rude")
    reports.dismiss(Moderator(None, Door.COMMAND), found.pk)


async def until(condition):
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)  # until the next look


def test_a_reporter_is_told_at_once_wherever_they_are(garden, alice, bob):
    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            ben = await LiveMember().enter(here, bob)
            phone = await LiveMember().enter(there, bob)
            await asyncio.to_thread(in_thread, decide, garden, alice, bob)
            told = ("told", None, "report")
            await until(lambda: told in ben.notes.heard + phone.notes.heard)
            assert told not in ann.notes.heard

    asyncio.run(journey())


def test_a_reporter_who_was_away_is_told_when_they_come_back_and_once(garden, alice, bob):
    async def journey():
        async with running() as server:
            await asyncio.to_thread(in_thread, decide, garden, alice, bob)
            ben = await LiveMember().enter(server, bob)
            server.personal.hear(ben.member.id)
            await until(lambda: ("told", None, "report") in ben.notes.take())
            server.personal.hear(ben.member.id)
            await until(lambda: not server.personal.is_busy)
            assert ("told", None, "report") not in ben.notes.take()

    asyncio.run(journey())


def test_a_notice_waits_while_the_database_is_away(garden, alice, bob, monkeypatch):
    async def journey():
        async with running() as server:
            await asyncio.to_thread(in_thread, decide, garden, alice, bob)
            ben = await LiveMember().enter(server, bob)
            with monkeypatch.context() as patched:
                patched.setattr(personal_notices, "waiting", be_away)
                server.personal.hear(ben.member.id)
                await until(lambda: not server.personal.is_busy)
            server.personal.hear(ben.member.id)
            await until(lambda: ("told", None, "report") in ben.notes.take())

    asyncio.run(journey())


def be_away(*arguments):
    raise OperationalError("the database is away")
