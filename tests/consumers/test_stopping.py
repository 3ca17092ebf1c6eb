"""Both consumers while the process stops: one goodbye, nothing after it, and no ghosts."""

import asyncio
import json
from types import SimpleNamespace

import pytest
from django.conf import settings

from chat.accounts import sessions
from chat.consumers import ChatConsumer, TextConsumer
from chat.consumers.web_closing import SLOW_RETRY
from chat.live import process
from chat.live.member import CloseReason, Page
from chat.models import Message
from chat.wire import legacy
from tests.support.live import PATIENCE, FakeConsumerClient, begin_to_stop, run, scope
from tests.support.make_members import signed_in_accounts

pytestmark = pytest.mark.django_db(transaction=True)

CONNECT = {"type": "websocket.connect"}


@pytest.mark.parametrize(("look", "found"), [(1, True), (2, True), (2, False)])
def test_a_member_who_is_looked_up_when_the_stop_begins_is_sent_one_bye(alice, caplog, look, found):
    async def journey():
        server = await process.current()
        client, consumer = FakeConsumerClient(CONNECT), ChatConsumer()
        looks, stopping = 0, None

        async def signed_in_user():
            nonlocal looks, stopping
            looks += 1
            consumer.session_key = ""
            if looks == look:
                stopping = await begin_to_stop(server)
                if consumer.member is not None:
                    await client.closed.wait()
            return alice if found or looks < look else None

        consumer.signed_in_user = signed_in_user
        await run(consumer, client)
        await stopping
        (bye,) = client.frames()
        assert (bye["type"], bye["code"]) == ("bye", "restart")
        assert bye["retry_in"] is not None

    asyncio.run(journey())
    assert "error" not in caplog.text


def test_members_who_connect_together_are_looked_up_together(monkeypatch):
    keys = [key for _, key in signed_in_accounts(20)]
    asked, users_of = [], sessions.users_of

    def counted(session_keys):
        asked.append(session_keys)
        return users_of(session_keys)

    async def come(key):
        client = FakeConsumerClient(CONNECT)
        cookie = f"{settings.SESSION_COOKIE_NAME}={key}".encode()
        await ChatConsumer()(scope((b"cookie", cookie)), client.receive, client.send)
        return client.frames()[0]

    async def journey():
        server = await process.current()
        coming = [asyncio.create_task(come(key)) for key in keys]
        async with asyncio.timeout(PATIENCE):
            while sum(len(tail.followers) for tail in server.rooms.tails.values()) < 20:
                await asyncio.sleep(0)
            await server.stop()
            return await asyncio.gather(*coming)

    monkeypatch.setattr(sessions, "users_of", counted)
    first_frames = asyncio.run(journey())
    assert [frame["type"] for frame in first_frames] == ["welcome"] * 20
    assert len({frame["you"] for frame in first_frames}) == 20
    assert sum(map(len, asked)) == 2 * 20  # before entering, and after it
    assert len(asked) < 20


def test_a_guest_who_logs_in_during_a_stop_is_closed_without_a_login_reply():
    async def journey():
        server = await process.current()
        stopping = None

        async def login():
            nonlocal stopping
            stopping = await begin_to_stop(server)
            return {"type": "tcp.receive", "data": b"login carol\nsay hello\n"}

        client = FakeConsumerClient({"type": "tcp.connect"}, login)
        await run(TextConsumer(), client)
        await stopping
        assert [event.get("data") for event in client.sent] == [legacy.GREETING, None]
        assert client.sent[-1] == {"type": "tcp.close"}

    asyncio.run(journey())
    assert not Message.objects.exists(), "somebody was announced"


def test_a_late_answer_is_not_sent_after_the_bye(alice, caplog):
    async def journey():
        server = await process.current()
        history = {"type": "history", "before": 1, "limit": 1}
        client = FakeConsumerClient(
            CONNECT, {"type": "websocket.receive", "text": json.dumps(history)}
        )
        consumer = ChatConsumer()

        async def signed_in_user():
            consumer.session_key = ""
            return alice

        async def end_meanwhile(command):
            consumer.member.end(CloseReason.REMOVED)
            await client.closed.wait()
            return Page(lines=[], more=False)

        original_welcome = consumer.welcome

        async def welcome():
            await original_welcome()
            consumer.member.history = end_meanwhile

        consumer.signed_in_user, consumer.welcome = signed_in_user, welcome
        await run(consumer, client)
        assert [frame["type"] for frame in client.frames()] == ["welcome", "bye"]
        await server.stop()

    asyncio.run(journey())
    assert "error" not in caplog.text


def test_a_client_that_was_too_slow_is_told_to_return_after_some_seconds():
    async def journey():
        waits = set()
        for _ in range(50):
            client, consumer = FakeConsumerClient(), ChatConsumer()
            consumer.scope, consumer.send = {}, client.send
            consumer.process = SimpleNamespace(return_within=1)
            await consumer.close(CloseReason.SLOW)
            waits.add(client.frames()[0]["retry_in"])
        shortest, longest = SLOW_RETRY
        assert shortest <= min(waits) < max(waits) <= longest
        assert shortest >= 1

    asyncio.run(journey())
