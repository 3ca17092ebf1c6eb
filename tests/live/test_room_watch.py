"""Members are told what changes in their rooms, whether these are open or not."""

import asyncio

import pytest
from django.db import OperationalError

from chat.live.doorbell import Subject
from chat.models import JoinRequest, Membership, Room, User
from chat.room import alteration, creation, join_requests, membership, reading, watching
from chat.wire.commands import Say
from tests.support.live_members import LiveMember
from tests.support.live_servers import running, settle
from tests.support.moderating import on_page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_looks")]


def test_an_action_is_told_to_the_other_connections_of_the_account(garden, alice, bob):
    async def journey():
        async with running(2) as (here, there):
            ann, tab = [await LiveMember().enter(here, alice) for _ in range(2)]
            phone = await LiveMember().enter(there, alice)
            ben = await LiveMember().enter(here, bob)
            other = await here.database.write(creation.create, bob, "Orchard")
            await settle(here, there)
            summary = await ann.member.actions.join(other.pk)
            assert (summary.name, summary.role) == ("Orchard", "member")
            await settle(here, there)
            joined = ("joined", other.pk, "Orchard")
            assert tab.notes.take() == phone.notes.take() == [joined]
            assert ben.notes.take() == [joined]  # by creating it
            assert ann.notes.take() == []
            await ann.member.actions.part(other.pk)
            await settle(here, there)
            left = ("left", other.pk, "orchard")
            assert tab.notes.take() == phone.notes.take() == [left]
            assert ann.notes.take() == ben.notes.take() == []

    asyncio.run(journey())


def test_a_loss_is_told_even_if_the_state_after_the_next_invitation_was_taken_before(
    garden, alice, bob
):
    async def journey():
        async with running(1) as server:
            ben = await LiveMember().enter(server, bob)
            await server.database.write(membership.remove, garden.pk, bob, alice)
            await server.database.write(membership.invite, garden.pk, bob, alice)
            await ben.member.actions.set_level(garden.pk, "nothing")  # takes the present state
            await settle(server)
            notes = ben.notes.take()
            assert notes == [("left", garden.pk, "garden"), ("joined", garden.pk, "Garden")]

    asyncio.run(journey())


def test_who_has_joined_by_speaking_and_is_removed_at_once_is_told_so(lobby, alice, bob):
    garden = creation.create(alice, "Garden")

    async def journey():
        async with running() as server:
            ben = await LiveMember().enter(server, bob)
            await ben.open(garden)
            await ben.say(garden, "hello")
            await server.database.write(membership.remove, garden.pk, bob, alice)
            await settle(server)
            assert ben.notes.take() == [("left", garden.pk, "garden")]

    asyncio.run(journey())


def test_an_invitation_that_comes_before_the_answer_to_leaving_is_not_forgotten(
    garden, alice, bob, monkeypatch
):
    async def journey():
        async with running() as server:
            ben, tab = [await LiveMember().enter(server, bob) for _ in range(2)]
            write = server.database.write

            async def write_slowly(function, *arguments):
                result = await write(function, *arguments)
                await write(membership.invite, garden.pk, bob, alice)
                await settle(server)  # tells of both
                return result

            with monkeypatch.context() as patch:
                patch.setattr(server.database, "write", write_slowly)
                await ben.member.actions.part(garden.pk)
            await settle(server)
            for each in (ben, tab):
                assert each.notes.take()[-1][:2] == ("joined", garden.pk)
            assert garden.pk in server.watch.accounts.rooms_of(bob.pk)

    asyncio.run(journey())


def test_a_change_of_a_room_is_told_to_all_members_of_it(garden, alice, bob):
    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            ben = await LiveMember().enter(there, bob)
            await ann.member.actions.set_topic(garden.pk, "roses")
            await settle(here, there)
            assert ben.notes.take() == [("changed", garden.pk, "roses")]
            assert ann.notes.take() == []
            await here.database.write(membership.remove, garden.pk, bob, alice)
            await here.database.write(alteration.set_topic, garden.pk, "lilies", alice)
            await settle(here, there)
            assert ben.notes.take() == [("left", garden.pk, "garden")]
            assert ann.notes.take() == [("changed", garden.pk, "lilies")]

    asyncio.run(journey())


def test_who_leaves_and_comes_back_at_once_is_told_both(garden, alice, bob):
    def remove_and_invite():
        membership.remove(garden.pk, bob, alice)
        membership.invite(garden.pk, bob, alice)

    async def journey():
        async with running() as server:
            ben = await LiveMember().enter(server, bob)
            await ben.open(garden)
            await server.database.write(remove_and_invite)
            await settle(server)
            await settle(server)
            assert ben.notes.take() == [
                ("left", garden.pk, "garden"),
                ("joined", garden.pk, "Garden"),
            ]
            await ben.member.actions.part(garden.pk)
            await ben.member.actions.join(garden.pk)
            await settle(server)
            assert ben.notes.take() == []  # it has done both itself

    asyncio.run(journey())


def test_an_invitation_is_told_to_the_person_who_was_invited(lobby, alice, bob):
    cellar = creation.create(alice, "Cellar", private=True)

    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            ben = await LiveMember().enter(there, bob)
            await ann.member.actions.invite(cellar.pk, "Bob")
            await settle(here, there)
            assert ben.notes.take() == [("joined", cellar.pk, "Cellar")]

    asyncio.run(journey())


def test_somebody_who_looks_at_a_room_is_told_that_they_were_not_let_in(lobby, alice, bob):
    garden = creation.create(alice, "Garden", topic="Roses")
    Room.objects.filter(pk=garden.pk).update(by_request=True)
    join_requests.ask(garden.pk, bob)
    request = JoinRequest.objects.get().pk

    async def journey():
        async with running() as server:
            ben = await LiveMember().enter(server, bob)
            await ben.open(garden)
            await server.database.write(join_requests.decline, on_page(alice), request)
            await settle(server)
            assert ("changed", garden.pk, "Roses") in ben.notes.take()

    asyncio.run(journey())


def test_a_direct_room_appears_with_its_first_message(lobby, alice, bob):
    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            ben = await LiveMember().enter(there, bob)
            summary = await ann.member.actions.open_direct(["bob"])
            assert (summary.kind, summary.people) == ("direct", ["bob"])
            await settle(here, there)
            assert ben.notes.take() == []
            await ann.member.say(Say("psst", room=summary.id))
            await settle(there)
            assert ("joined", summary.id) in [note[:2] for note in ben.notes.take()]
            await ben.member.actions.part(summary.id)
            await ann.member.say(Say("are you there?", room=summary.id))
            await settle(there)
            assert ("joined", summary.id) in [note[:2] for note in ben.notes.take()]

    asyncio.run(journey())


def test_a_level_is_kept_and_told_to_the_other_connections(garden, alice):
    async def journey():
        async with running() as server:
            ann, tab = [await LiveMember().enter(server, alice) for _ in range(2)]
            summary = await ann.member.actions.set_level(garden.pk, "mentions")
            assert summary.level == "mentions"
            assert [note[:2] for note in tab.notes.take()] == [("changed", garden.pk)]
            summary = await ann.member.actions.set_favourite(garden.pk, wanted=True)
            assert summary.favourite
            assert [note[:2] for note in tab.notes.take()] == [("changed", garden.pk)]

    asyncio.run(journey())
    assert Membership.objects.get(room=garden, user=alice).level == "mentions"


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda room, user: reading.set_level(user.pk, room.pk, "nothing"), "changed"),
        (lambda room, user: reading.set_favourite(user.pk, room.pk, wanted=True), "changed"),
        (lambda room, user: membership.part(room.pk, user), "left"),
        (lambda room, user: come_back(user), "joined"),
    ],
    ids=["level", "favourite", "hidden", "shown"],
)
def test_what_a_page_changes_in_the_own_list_is_told_to_the_pages_of_all_processes(
    lobby, alice, bob, function, told
):
    direct = creation.open_direct(alice, [bob])
    if told == "joined":
        membership.part(direct.pk, alice)

    async def journey():
        async with running(2) as (here, there):
            tabs = [await LiveMember().enter(server, alice) for server in (here, there)]
            rung = []
            there.doorbell.ring = lambda *ring: rung.append(ring)
            await here.database.write(function, direct, alice)
            assert rung == [(Subject.ACCOUNTS, alice.pk)]
            here.watch.refresh(alice.pk)  # as a ring does
            for server, tab in zip((here, there), tabs, strict=True):
                await server.watch.look()
                assert [note[:2] for note in tab.notes.take()] == [(told, direct.pk)]

    asyncio.run(journey())


def come_back(user):
    creation.open_direct(user, [User.objects.get(username="bob")])


def test_nothing_is_told_to_a_member_who_has_left(garden, alice, bob):
    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            await server.members.leave(ben.member)
            await ann.say(garden, "anybody?")
            await settle(server)
            assert ben.notes.take() == []
            assert bob.pk not in server.watch.accounts

    asyncio.run(journey())


def test_a_database_that_is_away_delays_what_is_told(garden, alice, bob, monkeypatch):
    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]

            def fail(known):
                raise OperationalError("the database is away")

            with monkeypatch.context() as patched:
                patched.setattr(watching, "after", fail)
                await server.database.write(alteration.set_topic, garden.pk, "roses", alice)
                await server.rooms.poll()
                with pytest.raises(OperationalError):
                    server.watch.compare(await server.rooms.poll())
                    await server.watch.look()
            await settle(server)
            assert ("changed", garden.pk, "roses") in ben.notes.take()
            assert ann.notes.take() == [("changed", garden.pk, "roses")]

    asyncio.run(journey())
