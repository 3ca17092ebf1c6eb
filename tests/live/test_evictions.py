"""Members whose row or session is gone are told so, and rows without a member are ended."""

import asyncio

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from chat.accounts import sessions
from chat.live import process, timing
from chat.live.member import CloseReason
from chat.models import Connection, Presence, Process
from chat.room import presence, processes
from chat.room.presence import Entrant
from chat.room.refusal import Refused
from chat.wire import commands
from tests.support.live import PATIENCE, enter

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
        await session.aupdate(expire_date=timezone.now())
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
        await Session.objects.filter(pk=member.session_key).adelete()
        await server.database.write(sessions.disconnect_ended_session, member.session_key)
        with pytest.raises(Refused):
            await member.say(commands.Say("hello", None))
        await server.evictions.check(fully=True)
        assert closed == [("alice", CloseReason.SIGN_IN)]
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
        assert [row.pk async for row in Process.objects.all()] == [server.cluster.id] != [buried]
        await server.stop()

    asyncio.run(journey())


def test_a_place_that_an_interrupted_take_over_left_is_given_up_in_the_end(alice, monkeypatch):
    monkeypatch.setattr(timing, "GRACE", 0.01)
    monkeypatch.setattr(timing, "RETURN_WITHIN", 0)

    async def journey():
        server = await process.current()
        dead_id = await server.database.write(processes.register, "elsewhere", 1, "")
        entrant = Entrant("alice", alice.pk, dead_id, Connection.Door.WEB, "key")
        await server.database.write(presence.enter, server.rooms.lobby.pk, [entrant])
        await server.database.write(processes.take_over, server.cluster.id, [dead_id])
        await server.evictions.check(fully=True)
        async with asyncio.timeout(PATIENCE):
            while await Presence.objects.aexists():
                await asyncio.sleep(0.01)  # until the next look at the database
        await server.stop()

    asyncio.run(journey())
