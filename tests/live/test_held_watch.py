"""Processes tell the authors of messages that wait what moderators have decided."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.live import timing
from chat.live.database import Database
from chat.models import HeldMessage, Report
from chat.room import purging, targets
from chat.room.newcomers import Held
from chat.room.transcript import Said
from tests.support.holding import refuse, release, waiting_texts
from tests.support.live import PATIENCE
from tests.support.live_members import LiveMember
from tests.support.live_servers import running
from tests.support.moderating import on_page

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_looks", "hold_first"),
]


async def on(server, function, *arguments):
    return await server.database.write(function, *arguments)


def told(member):
    return [(kind, more) for kind, _, more in member.notes.take() if kind == "decided"]


def test_every_connection_that_has_sent_a_message_hears_of_the_decision(garden, alice, bob):
    async def journey():
        async with running(2) as servers:
            first, second = servers
            ann, ben = await LiveMember().enter(first, alice), await LiveMember().enter(first, bob)
            same = uuid4()
            held = await ben.say(garden, "hello", same)
            assert isinstance(held, Held)
            await ann.say(garden, "of alice")  # who owns the garden, and does not wait
            # The answer was lost, and the page comes back to another process.
            again = await LiveMember().enter(second, bob)
            assert (await again.say(garden, "hello", same)).held_id == held.held_id
            assert await on(first, waiting_texts) == ["hello"]
            for server in servers:
                await server.held.look()
            assert (told(ben), told(again)) == ([], [])
            await on(first, refuse, "hello", "why")
            for server in servers:
                await server.held.look()
                await server.held.look()
            assert told(ben) == told(again) == [("decided", ("refused", "why"))]
            assert told(ann) == []

    asyncio.run(journey())


def test_a_connection_that_has_gone_is_told_nothing(garden, alice, bob):
    async def journey():
        async with running() as server:
            ben = await LiveMember().enter(server, bob)
            await ben.say(garden, "hello", uuid4())
            await server.members.leave(ben.member)
            await on(server, release, "hello")
            await server.held.look()
            assert told(ben) == []
            back = await LiveMember().enter(server, bob)
            assert await server.held.welcome(back.member.rooms) == []

    asyncio.run(journey())


def test_nothing_is_read_while_nothing_waits(garden, alice, monkeypatch, settings):
    async def journey():
        async with running() as server:
            ann = await LiveMember().enter(server, alice)
            await ann.say(garden, "said", uuid4())
            asked = []

            async def read(self, function, *arguments):
                asked.append(function)

            with monkeypatch.context() as patch:
                patch.setattr(Database, "read", read)
                await server.held.look()
                settings.HOLD_FIRST = 0
                assert await server.held.welcome(ann.member.rooms) == []
            assert asked == []

    asyncio.run(journey())


def test_an_author_whose_messages_are_purged_on_another_process_waits_again(garden, alice, bob):
    async def journey():
        async with running() as server:
            ben = await LiveMember().enter(server, bob)
            await ben.say(garden, "first", uuid4())
            await on(server, release, "first")
            assert isinstance(await ben.say(garden, "second", uuid4()), Said)
            await server.held.look()
            assert isinstance(await ben.say(garden, "third", uuid4()), Said)
            target = targets.of_account(bob)
            await on(server, purging.purge, on_page(alice), target, garden.pk, 10)
            await server.held.look()
            assert isinstance(await ben.say(garden, "fourth", uuid4()), Held)

    asyncio.run(journey())


def test_old_decisions_are_deleted_regularly_with_the_texts(monkeypatch, garden, bob):
    """Those about reports too."""
    monkeypatch.setattr(timing, "DELETE_DECIDED", 0.01)
    now = timezone.now()
    for text, decision, days in (
        ("waits", "waiting", None),
        ("new", "refused", 29),
        ("old", "released", 31),
        ("bad", "refused", 31),
    ):
        HeldMessage.objects.create(
            room=garden,
            user=bob,
            name="bob",
            key="bob",
            text=text,
            at=now - timedelta(days=40),
            decision=decision,
            decided=days and now - timedelta(days=days),
        )
    Report.objects.create(
        room=garden,
        name="bob",
        key="bob",
        reporter_name="ann",
        reporter_key="ann",
        context=[{"seq": 7, "name": "bob", "text": "rude", "at": now.isoformat()}],
        at=now - timedelta(days=40),
        state="handled",
        decided=now - timedelta(days=31),
    )

    async def journey():
        left = HeldMessage.objects.order_by("pk").values_list("text", flat=True)
        async with running() as server, asyncio.timeout(PATIENCE):
            while await server.database.read(list, left.all()) != ["waits", "new"]:
                await asyncio.sleep(0.01)
            while await server.database.read(Report.objects.count):
                await asyncio.sleep(0.01)

    asyncio.run(journey())
