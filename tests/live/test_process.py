"""A server process that stops, or has trouble, while members come, ask and stay."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client as Browser
from django.utils import timezone

from chat import consumers
from chat.accounts import sessions
from chat.consumers import ChatConsumer, TextConsumer
from chat.live import host, process
from chat.live.member import End
from chat.live.process import LOOK_CLOSELY, ServerProcess, Stopping
from chat.models import Connection, Message, Presence, Process
from chat.room import presence
from chat.room.refusal import Refused
from chat.wire import commands, frames
from chat.wire import legacy as lines
from tests.support.make_members import signed_in_accounts

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_host_is_known_by_its_pid_namespace_too(monkeypatch):
    before = host.name()
    monkeypatch.setattr(Path, "readlink", lambda path: Path("pid:[1]"))
    assert host.name() != before


def test_a_host_without_namespaces_has_a_name(monkeypatch):
    def none(path):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "readlink", none)
    assert host.name()


class Slowly:
    """A database that holds back the result of one function until told."""

    def __init__(self, server, function):
        self.function = function
        self.done, self.go_on = asyncio.Event(), asyncio.Event()
        self._write, server.database.write = server.database.write, self.write

    async def write(self, function, *arguments):
        result = await self._write(function, *arguments)
        if function is self.function:
            self.done.set()
            await self.go_on.wait()
        return result


async def stop_while_entering(user):
    """Somebody enters, and is saved, when the stop begins."""
    server = ServerProcess()
    await server.start()
    slowly = Slowly(server, presence.enter)
    closed = []

    async def enter():
        with server.place():
            await server.enter(
                user.username if user else "carol",
                user_id=user and user.pk,
                door=Connection.Door.WEB if user else Connection.Door.LEGACY,
                wire=frames if user else lines,
                send=None,
                close=closed.append,
            )

    entering = asyncio.create_task(enter())
    await slowly.done.wait()
    stopping = asyncio.create_task(server.stop())
    while not server.stopping:
        await asyncio.sleep(0)
    slowly.go_on.set()
    with pytest.raises(Stopping):
        await entering
    await stopping
    assert server.connections == {}
    assert closed == []


def test_a_member_who_enters_during_a_stop_is_turned_away_and_keeps_the_place(alice):
    asyncio.run(stop_while_entering(alice))
    assert Connection.objects.count() == 1


def test_a_guest_who_enters_during_a_stop_is_turned_away_and_not_listed():
    asyncio.run(stop_while_entering(None))
    assert Connection.objects.count() == 0


class Client:
    """What a door reads and sends: some events, then nothing until the door has closed."""

    def __init__(self, *events):
        self.events = list(events)
        self.sent = []
        self.closed = asyncio.Event()

    async def receive(self):
        if self.events:
            event = self.events.pop(0)
            return await event() if callable(event) else event
        await self.closed.wait()
        return {"type": "websocket.disconnect"}

    async def send(self, event):
        assert not self.closed.is_set(), f"sent after the close: {event}"
        self.sent.append(event)
        if event["type"].endswith(".close"):
            self.closed.set()

    def frames(self):
        return [json.loads(event["text"]) for event in self.sent if "text" in event]


SCOPE = {
    "type": "websocket",
    "scheme": "ws",
    "query_string": b"",
    "headers": [(b"host", b"testserver"), (b"origin", b"http://testserver")],
}


async def begin_to_stop(server):
    stopping = asyncio.create_task(server.stop())
    while not server.stopping:
        await asyncio.sleep(0)
    return stopping


async def visit(door, client):
    async with asyncio.timeout(20):
        await door({**SCOPE, "headers": [*SCOPE["headers"]]}, client.receive, client.send)


@pytest.mark.parametrize(("look", "found"), [(1, True), (2, True), (2, False)])
def test_a_stop_while_a_member_is_looked_up_says_bye_and_nothing_else(alice, caplog, look, found):
    async def journey():
        server = await process.current()
        client, door = Client({"type": "websocket.connect"}), ChatConsumer()
        looks, stopping = 0, None

        async def signed_in():
            nonlocal looks, stopping
            looks += 1
            door.session_key = ""
            if looks == look:
                stopping = await begin_to_stop(server)
                if door.member is not None:
                    await client.closed.wait()
            return alice if found or looks < look else None

        door.signed_in = signed_in
        await visit(door, client)
        await stopping
        assert [(frame["type"], frame["code"]) for frame in client.frames()] == [("bye", "restart")]
        assert client.frames()[0]["retry_in"] is not None

    asyncio.run(journey())
    assert "error" not in caplog.text


def test_those_who_come_together_are_looked_up_together(monkeypatch):
    keys = [key for _, key in signed_in_accounts(20)]
    asked, users_of = [], sessions.users_of

    def watched(session_keys):
        asked.append(session_keys)
        return users_of(session_keys)

    async def come(key):
        client = Client({"type": "websocket.connect"})
        cookie = f"{settings.SESSION_COOKIE_NAME}={key}".encode()
        scope = {**SCOPE, "headers": [*SCOPE["headers"], (b"cookie", cookie)]}
        await ChatConsumer()(scope, client.receive, client.send)
        return client.frames()[0]

    async def journey():
        server = await process.current()
        coming = [asyncio.create_task(come(key)) for key in keys]
        async with asyncio.timeout(20):
            while len(server.tails) == 0 or len(next(iter(server.tails.values())).followers) < 20:
                await asyncio.sleep(0)
            await server.stop()
            return await asyncio.gather(*coming)

    monkeypatch.setattr(sessions, "users_of", watched)
    first = asyncio.run(journey())
    assert [frame["type"] for frame in first] == ["welcome"] * 20
    assert len({frame["you"] for frame in first}) == 20
    assert sum(map(len, asked)) == 2 * 20  # before the entering, and after it
    assert len(asked) < 20


def test_a_guest_who_logs_in_during_a_stop_is_closed_without_a_welcome():
    async def journey():
        server = await process.current()
        stopping = None

        async def login():
            nonlocal stopping
            stopping = await begin_to_stop(server)
            return {"type": "tcp.receive", "data": b"login carol\nsay hello\n"}

        client = Client({"type": "tcp.connect"}, login)
        await visit(TextConsumer(), client)
        await stopping
        assert [event.get("data") for event in client.sent] == [lines.GREETING, None]
        assert client.sent[-1] == {"type": "tcp.close", "abort": False}

    asyncio.run(journey())
    assert not Message.objects.exists(), "nobody was announced"


def test_an_answer_that_is_late_is_not_sent_after_the_bye(alice, caplog):
    async def journey():
        server = await process.current()
        history = {"type": "history", "before": 1, "limit": 1}
        client = Client(
            {"type": "websocket.connect"},
            {"type": "websocket.receive", "text": json.dumps(history)},
        )
        door = ChatConsumer()

        async def signed_in():
            door.session_key = ""
            return alice

        async def put_out(command, database):
            door.member.end(End.REMOVED)
            await client.closed.wait()
            return [], False

        welcome = door.welcome

        async def welcomed():
            await welcome()
            door.member.history = put_out

        door.signed_in, door.welcome = signed_in, welcomed
        await visit(door, client)
        assert [frame["type"] for frame in client.frames()] == ["welcome", "bye"]
        await server.stop()

    asyncio.run(journey())
    assert "error" not in caplog.text


def test_stuck_clients_are_cut_also_while_the_database_is_away():
    async def journey():
        server = await process.current()
        ended = []
        server.connections[1] = SimpleNamespace(is_stuck=lambda now: True, end=ended.append)

        async def away(*arguments):
            raise OperationalError

        read, server.database.read = server.database.read, away
        with pytest.raises(OperationalError):
            await server._poll()
        server.database.read = read
        del server.connections[1]
        await server.stop()
        assert set(ended) == {End.SLOW}

    asyncio.run(journey())


def test_who_was_too_slow_stays_away_for_some_seconds():
    async def journey():
        waits = set()
        for _ in range(50):
            client, door = Client(), ChatConsumer()
            door.scope, door.send = {}, client.send
            await door.say_farewell(End.SLOW)
            waits.add(client.frames()[0]["retry_in"])
        shortest, longest = consumers.SLOW_RETRY
        assert shortest <= min(waits) < max(waits) <= longest
        assert shortest >= 1

    asyncio.run(journey())


def session_of(user):
    browser = Browser()
    browser.force_login(user)
    return browser.session.session_key


async def let_in(server, user, closed):
    """A connection of a user with a session, which notes in `closed` why it is ended."""
    with server.place():
        return await server.enter(
            user.username,
            user_id=user.pk,
            door=Connection.Door.WEB,
            wire=frames,
            send=None,
            close=lambda why: closed.append((user.username, why)),
            session_key=await asyncio.to_thread(session_of, user),
        )


def test_who_is_inside_without_a_session_has_to_come_back(alice, bob):
    async def journey():
        server = await process.current()
        closed = []
        connection = await let_in(server, alice, closed)
        await let_in(server, bob, closed)
        await server._end_signed_out()
        assert closed == []
        session = Session.objects.filter(pk=connection.session_key)
        await session.aupdate(expire_date=timezone.now())
        await server._end_signed_out()
        assert closed == [("alice", End.RESTART)]
        await server.stop()

    asyncio.run(journey())


async def look_closely(server):
    server._looks = LOOK_CLOSELY - 1
    await server._end_evicted()


def test_who_speaks_when_the_process_was_taken_for_dead_has_to_come_back(alice):
    async def journey():
        server = await process.current()
        closed = []
        connection = await let_in(server, alice, closed)
        await server.database.write(presence.bury, [server.id])
        with pytest.raises(Refused):
            await connection.say(commands.Say("hello", None))
        await look_closely(server)
        assert closed == [("alice", End.RESTART)]
        await server.stop()

    asyncio.run(journey())


def test_who_speaks_when_signed_out_elsewhere_is_told_so(alice):
    async def journey():
        server = await process.current()
        closed = []
        connection = await let_in(server, alice, closed)
        await Session.objects.filter(pk=connection.session_key).adelete()
        await server.database.write(sessions.disconnect_ended_session, connection.session_key)
        with pytest.raises(Refused):
            await connection.say(commands.Say("hello", None))
        await look_closely(server)
        assert closed == [("alice", End.SIGNED_OUT)]
        await server.stop()

    asyncio.run(journey())


def test_who_finds_out_twice_that_the_process_is_dead_begins_one_life(alice):
    async def journey():
        server = await process.current()
        closed = []
        await let_in(server, alice, closed)
        buried = server.id
        await server.database.write(presence.bury, [buried])
        await asyncio.gather(server._beat(), look_closely(server), server._rise_again(buried))
        await server._rise_again(buried)
        assert closed == [("alice", End.RESTART)]
        assert [row.pk async for row in Process.objects.all()] == [server.id] != [buried]
        await server.stop()

    asyncio.run(journey())


def test_a_process_counts_as_dead_before_its_members_are_ended(alice, monkeypatch):
    own_id = presence.register("here", 1, "")
    lived = []
    monkeypatch.setattr(presence, "_end", lambda rows: lived.append(presence.is_registered(own_id)))
    presence.bury([own_id])
    assert lived == [False]
    assert not Process.objects.exists()


def test_a_place_that_a_failed_take_over_left_is_given_up_in_the_end(alice, monkeypatch):
    """A predecessor's member was taken over, and whoever did it was told that it had failed."""
    monkeypatch.setattr(process, "GRACE", 0.01)
    monkeypatch.setattr(process, "COME_BACK_WITHIN", 0)

    async def journey():
        server = await process.current()
        dead_id = await server.database.write(presence.register, "elsewhere", 1, "")
        entrant = presence.Entrant("alice", alice.pk, dead_id, Connection.Door.WEB, "key")
        await server.database.write(presence.enter, server.room.pk, [entrant])
        await server.database.write(presence.take_over, server.id, [dead_id])
        await look_closely(server)
        async with asyncio.timeout(20):
            while await Presence.objects.aexists():
                await asyncio.sleep(0.01)
        await server.stop()

    asyncio.run(journey())
