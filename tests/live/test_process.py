"""The end of a server process."""

import asyncio

import pytest
from django.db import OperationalError

from chat.live.process import ServerProcess
from chat.models import Process
from chat.room import reading
from tests.support.live_members import LiveMember

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("error", [OperationalError("database is locked"), RuntimeError()])
def test_a_process_is_retired_although_the_last_read_positions_cannot_be_saved(
    lobby, alice, monkeypatch, error
):
    def fail(positions):
        raise error

    monkeypatch.setattr(reading, "advance", fail)

    async def journey():
        server = ServerProcess()
        await server.start()
        ann = await LiveMember().enter(server, alice)
        ann.member.actions.note_read(lobby.pk, 1)
        await server.stop()

    asyncio.run(journey())
    assert list(Process.objects.filter(stopped=False)) == []
