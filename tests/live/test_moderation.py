"""The actions of moderators reach the members of all processes."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.live import sanction_watch
from chat.live.member import CloseReason
from chat.models import Access, Room
from chat.room import alteration, changes, membership, moderation, targets
from chat.room.refusal import RefusalCode, Refused
from tests.support.live import PATIENCE
from tests.support.live_members import LiveMember
from tests.support.live_servers import running, settle
from tests.support.moderating import on_page, site_moderator

pytestmark = pytest.mark.django_db(transaction=True)


async def until(condition):
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)  # until the next look at the condition


async def refused(member, room):
    """Return the code with which a member may not speak in a room."""
    with pytest.raises(Refused) as found:
        await member.say(room, "hello")
    return found.value.code


def test_a_mute_holds_on_another_process_at_once(garden, alice, bob):
    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            ben = await LiveMember().enter(there, bob)
            target = targets.of_account(bob)
            await here.database.write(moderation.mute, on_page(alice), target, garden.pk)
            assert await refused(ben, garden) is RefusalCode.MUTED
            assert ben.closed == ann.closed == []

    asyncio.run(journey())


@pytest.mark.usefixtures("own_looks")
def test_a_poll_finds_a_mute_and_its_end_that_nothing_has_announced(garden, alice, bob):
    Room.objects.filter(pk=garden.pk).update(tells_moderation=False)
    target = targets.of_account(bob)

    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            changes.listen(None)  # it is done by another program
            for action in (moderation.mute, moderation.unmute):
                await server.database.write(action, on_page(alice), target, garden.pk)
                await settle(server)
                assert ben.notes.take() == [("changed", garden.pk, "")]
                await settle(server)
                assert ben.notes.take() == ann.notes.take() == []

    asyncio.run(journey())


@pytest.mark.usefixtures("own_looks")
def test_a_mute_is_found_by_a_process_that_stood_still_for_a_while(garden, alice, bob, monkeypatch):
    Room.objects.filter(pk=garden.pk).update(tells_moderation=False)
    target = targets.of_account(bob)

    async def journey():
        async with running() as server:
            ben = await LiveMember().enter(server, bob)
            changes.listen(None)  # it is done by another program
            await server.database.write(moderation.mute, on_page(alice), target, garden.pk)
            later = timezone.now() + timedelta(minutes=1)
            monkeypatch.setattr(sanction_watch.timezone, "now", lambda: later)
            for expected in ([("changed", garden.pk, "")], []):
                await settle(server)
                assert ben.notes.take() == expected

    asyncio.run(journey())


@pytest.mark.usefixtures("own_looks")
def test_a_ban_from_the_site_closes_connections_on_other_processes_by_a_ring(lobby, bob):
    root = site_moderator()

    async def journey():
        async with running(2) as (here, there):
            ben = await LiveMember().enter(there, bob)
            target = targets.of_account(bob)
            await here.database.write(moderation.ban, on_page(root), target, lobby.pk)
            there.evictions.hear(ben.member.id)  # what the ring of Redis brings
            await until(lambda: ben.closed)
            assert ben.closed == [CloseReason.REMOVED]

    asyncio.run(journey())


@pytest.mark.usefixtures("own_looks")
def test_who_is_kicked_out_of_a_room_is_told_and_hears_no_more(garden, alice, bob):
    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            ben = await LiveMember().enter(there, bob)
            await ben.open(garden)
            target = targets.of_account(bob)
            await here.database.write(
                moderation.kick, on_page(alice), target, garden.pk, None, "too loud"
            )
            await ann.say(garden, "secret")
            await settle(there)
            notes = ben.notes.take()
            assert ("left", garden.pk, garden.slug) in notes
            assert ("expelled", garden.pk, "too loud") in notes
            assert ben.texts(garden) == []
            with pytest.raises(Refused):
                await ben.open(garden)

    asyncio.run(journey())


@pytest.mark.usefixtures("own_looks")
def test_who_only_looks_at_a_room_hears_no_more_after_a_ban(garden, alice, bob):
    membership.part(garden.pk, bob)

    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            await ben.open(garden)
            await ann.say(garden, "open")
            await ben.until_heard(garden, "open")
            target = targets.of_account(bob)
            await server.database.write(moderation.ban, on_page(alice), target, garden.pk)
            await settle(server)
            await ann.say(garden, "secret")
            await settle(server)
            assert ben.texts(garden) == ["open"]
            assert ("left", garden.pk, garden.slug) in ben.notes.take()

    asyncio.run(journey())


@pytest.mark.usefixtures("own_looks")
def test_who_only_looks_at_a_room_goes_on_after_other_changes(garden, alice, bob):
    membership.part(garden.pk, bob)

    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            await ben.open(garden)
            await server.database.write(alteration.set_access, garden.pk, Access.GUESTS, alice)
            server.watch.refresh(bob.pk)
            await settle(server)
            await ann.say(garden, "open")
            await ben.until_heard(garden, "open")

    asyncio.run(journey())
