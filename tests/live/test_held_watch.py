"""Processes tell the authors of messages that wait what moderators have decided."""

import asyncio
from uuid import uuid4

import pytest

from chat.live.database import Database
from chat.room.newcomers import Held
from tests.support.holding import refuse, release, waiting_texts
from tests.support.live_members import LiveMember
from tests.support.live_servers import running

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
