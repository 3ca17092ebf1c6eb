"""Members whose row or session is gone are told so, and rows without a member are ended."""

import asyncio
from functools import partial

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from chat.accounts import sessions
from chat.live import process, timing
from chat.live.member import CloseReason
from chat.live.process import ServerProcess
from chat.models import Connection, Presence, Process
from chat.room import connections, presence, processes
from chat.room.presence import Entrant
from chat.room.refusal import Refused
from chat.wire import commands
from tests.support.live import PATIENCE, enter
from tests.support.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_member_whose_session_has_expired_has_to_return(alice, bob):
    async def journey():
        server = await process.current()
        closed = []
        member = await enter(server, alice, closed)
        await enter(server, bob, closed)
        await server.evictions.end_without_session()
        assert closed == []
        session = Session.objects.filter(pk=member.session_key)
        await server.database.write(partial(session.update, expire_date=timezone.now()))
        await server.evictions.end_without_session()
        assert closed == [("alice", CloseReason.RESTART)]
        await server.stop()

    asyncio.run(journey())


def test_a_member_of_a_process_that_was_declared_dead_has_to_return(alice):
    async def journey():
        server = await process.current()
        closed = []
        member = await enter(server, alice, closed)
        await server.database.write(processes.bury, [server.cluster.id])
        with pytest.raises(Refused):
            await member.say(commands.Say("hello", None))
        await server.evictions.check(fully=True)
        assert closed == [("alice", CloseReason.RESTART)]
        await server.stop()

    asyncio.run(journey())


def test_a_member_who_signed_out_elsewhere_is_told_to_sign_in(alice):
    async def journey():
        server = await process.current()
        closed = []
        member = await enter(server, alice, closed)
        await server.database.write(Session.objects.filter(pk=member.session_key).delete)
        await server.database.write(sessions.disconnect_ended_session, member.session_key)
        with pytest.raises(Refused):
            await member.say(commands.Say("hello", None))
        await server.evictions.check(fully=True)
        assert closed == [("alice", CloseReason.SIGN_IN)]
        await server.stop()

    asyncio.run(journey())


def test_the_oldest_member_of_an_account_with_too_many_is_told_so_at_once(alice, bob, settings):
    settings.MAX_CONNECTIONS_PER_ACCOUNT = 2

    async def journey():
        server = await process.current()
        ended, others = [], []
        first = await enter(server, alice, ended)
        await enter(server, bob, others)
        for _ in range(2):
            await enter(server, alice, others)
        assert ended == [("alice", CloseReason.REPLACED)]
        await server.evictions.check(fully=True)
        assert first.ended
        assert others == []
        await server.stop()

    asyncio.run(journey())


def test_a_member_who_was_replaced_on_another_process_is_told_so(alice, settings):
    settings.MAX_CONNECTIONS_PER_ACCOUNT = 2

    async def journey():
        here, other = ServerProcess(), ServerProcess()
        for server in (here, other):
            await server.start()
        ended, others = [], []
        await enter(here, alice, ended)
        for _ in range(2):
            await enter(other, alice, others)
        await here.evictions.check(fully=True)
        assert ended == [("alice", CloseReason.REPLACED)]
        assert others == []
        for server in (here, other):
            await server.stop()

    asyncio.run(journey())


def test_a_member_who_is_disconnected_is_closed_at_once(alice, bob, monkeypatch):
    monkeypatch.setattr(timing, "POLL", 3600)

    async def until(closed, expected):
        async with asyncio.timeout(PATIENCE):
            while closed != expected:
                await asyncio.sleep(0.01)  # until the next look at who was closed

    async def journey():
        server = await process.current()
        closed = []
        member = await enter(server, alice, closed)
        other = await enter(server, bob, closed)
        await asyncio.to_thread(in_thread, partial(connections.disconnect, user_id=alice.pk))
        await until(closed, [("alice", CloseReason.REMOVED)])
        assert member.ended
        assert not other.ended
        await server.stop()

    asyncio.run(journey())


def test_a_process_looks_at_its_rows_when_another_one_rings(alice, bob):
    async def journey():
        here, other = ServerProcess(), ServerProcess()
        for server in (here, other):
            await server.start()
        closed = []
        member = await enter(here, alice, closed)
        here.evictions.hear(member.id + 1)  # of another process
        await here.database.write(Connection.objects.filter(pk=member.id).delete)
        here.evictions.hear(member.id)
        async with asyncio.timeout(PATIENCE):
            while not closed:
                await asyncio.sleep(0.01)  # until the next look at who was closed
        assert closed == [("alice", CloseReason.REMOVED)]
        for server in (here, other):
            await server.stop()

    asyncio.run(journey())


def test_a_process_that_finds_out_twice_that_it_is_dead_registers_once(alice):
    async def journey():
        server = await process.current()
        closed = []
        await enter(server, alice, closed)
        buried = server.cluster.id
        await server.database.write(processes.bury, [buried])
        await asyncio.gather(
            server.beat(),
            server.evictions.check(fully=True),
            server.cluster.register_again(buried),
        )
        await server.cluster.register_again(buried)
        assert closed == [("alice", CloseReason.RESTART)]
        rows = await server.database.read(list, Process.objects.values_list("pk", flat=True))
        assert rows == [server.cluster.id] != [buried]
        await server.stop()

    asyncio.run(journey())


def test_a_place_that_an_interrupted_take_over_left_is_given_up_in_the_end(alice, monkeypatch):
    monkeypatch.setattr(timing, "GRACE", 0.01)
    monkeypatch.setattr(timing, "RETURN_WITHIN", 0)

    async def journey():
        server = await process.current()
        dead_id = await server.database.write(processes.register, "elsewhere", 1, "")
        entrant = Entrant("alice", alice.pk, dead_id, Connection.Door.WEB, "key")
        await server.database.write(presence.enter, [entrant])
        await server.database.write(processes.take_over, server.cluster.id, [dead_id])
        await server.evictions.check(fully=True)
        async with asyncio.timeout(PATIENCE):
            while await server.database.read(Presence.objects.exists):
                await asyncio.sleep(0.01)  # until the next look at the database
        await server.stop()

    asyncio.run(journey())
