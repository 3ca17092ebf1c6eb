"""Members enter, and are ended when the process stops or their client is stuck."""

import asyncio
from types import SimpleNamespace

import pytest
from django.db import OperationalError

from chat.live import process
from chat.live.member import CloseReason
from chat.live.members import Stopping
from chat.live.open_sockets import SocketKind
from chat.live.process import ServerProcess
from chat.models import Connection
from chat.room import presence
from tests.support.live import begin_to_stop, enter

pytestmark = pytest.mark.django_db(transaction=True)


class HeldDatabase:
    """Holds back the result of one function of `Database.write` until `release` is set."""

    def __init__(self, database, function):
        self.function = function
        self.done, self.release = asyncio.Event(), asyncio.Event()
        self._write, database.write = database.write, self.write

    async def write(self, function, *arguments):
        result = await self._write(function, *arguments)
        if self.function in (function, *arguments):
            self.done.set()
            await self.release.wait()
        return result


async def stop_while_entering(user):
    """Stop a process after somebody's entering was saved, before their member exists."""
    server = ServerProcess()
    await server.start()
    held = HeldDatabase(server.database, presence.enter)
    closed = []

    async def come():
        place = server.sockets.open(SocketKind.WEB, None)
        try:
            await enter(server, user, closed)
        finally:
            place.close()

    coming = asyncio.create_task(come())
    await held.done.wait()
    stopping = await begin_to_stop(server)
    held.release.set()
    with pytest.raises(Stopping):
        await coming
    await stopping
    assert server.members.by_id == {}
    assert closed == []


def test_a_member_who_enters_during_a_stop_is_turned_away_and_keeps_the_place(alice):
    asyncio.run(stop_while_entering(alice))
    assert Connection.objects.count() == 1


def test_a_guest_who_enters_during_a_stop_is_turned_away_and_leaves():
    asyncio.run(stop_while_entering(None))
    assert Connection.objects.count() == 0


def test_stuck_clients_are_ended_even_while_the_database_is_away():
    async def journey():
        server = await process.current()
        ended = []
        stuck = SimpleNamespace(is_stuck=lambda now: True, end=ended.append)
        server.members.by_id[1] = stuck

        async def read(*arguments):
            raise OperationalError

        original, server.database.read = server.database.read, read
        with pytest.raises(OperationalError):
            await server.poll()
        server.database.read = original
        del server.members.by_id[1]
        await server.stop()
        assert set(ended) == {CloseReason.SLOW}

    asyncio.run(journey())
