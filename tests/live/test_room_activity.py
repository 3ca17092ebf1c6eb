"""Members are told how much they have not read, and processes save how far they have read."""

import asyncio

import pytest
from django.db import transaction

from chat.live import timing
from chat.models import Membership, Message, User
from chat.room import ignoring, log, membership, reading, removing, unread
from chat.room.ignoring import Ignorer
from chat.room.reading import ReadPosition
from tests.support.live_members import LiveMember
from tests.support.live_servers import running, settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_looks")]


def test_messages_in_a_room_are_counted_for_those_who_have_not_read_them(garden, alice, bob):
    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            ben = await LiveMember().enter(there, bob)
            await ann.say(garden, "one")
            await ann.say(garden, "two @bob")
            await settle(there)
            assert ben.notes.take() == [("active", garden.pk, (2, 1, "two @bob"))]
            await settle(here)
            assert ann.notes.take() == [("active", garden.pk, (0, 0, "two @bob"))]

    asyncio.run(journey())


def test_nobody_is_told_a_message_that_was_said_after_they_had_left(
    garden, alice, bob, monkeypatch
):
    count_messages = unread.news

    def say_more_first(*arguments):
        with transaction.atomic():
            room = log.lock(garden.pk)
            membership.part(garden.pk, bob)
            room.refresh_from_db()
            log.append(room, [membership.line(Message.Kind.SAID, alice, "secret")])
        return count_messages(*arguments)

    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            await ann.say(garden, "one")
            with monkeypatch.context() as patched:
                patched.setattr(unread, "news", say_more_first)
                await server.watch.look()
            assert ben.notes.take() == [("active", garden.pk, (1, 0, "one"))]
            await settle(server)
            assert ben.notes.take() == [("left", garden.pk, garden.slug)]

    asyncio.run(journey())


def test_activity_is_told_after_a_pause(garden, alice, bob, monkeypatch):
    monkeypatch.setattr(timing, "ACTIVITY", 3600)

    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            await ann.say(garden, "one")
            await server.watch.look()
            assert len(ben.notes.take()) == 1
            await ann.say(garden, "two")
            await server.watch.look()
            assert ben.notes.take() == []
            monkeypatch.setattr(timing, "ACTIVITY", 0)
            await server.watch.look()
            assert ben.notes.take() == [("active", garden.pk, (2, 0, "two"))]

    asyncio.run(journey())


def test_messages_before_a_member_came_are_counted_once(garden, alice, bob, no_pause):
    async def journey():
        async with running() as server:
            ann = await LiveMember().enter(server, alice)
            await ann.say(garden, "before")
            ben = await LiveMember().enter(server, bob)
            (found,) = [summary for summary in ben.rooms if summary.id == garden.pk]
            assert found.unread == 1
            await server.watch.look()
            await ann.say(garden, "after")
            await settle(server)
            assert (await ben.until_told("active", garden.pk))[0] == 2

    asyncio.run(journey())


def test_a_read_position_is_told_to_all_connections_of_the_account(garden, alice, bob):
    async def journey():
        async with running(2) as (here, there):
            ann = await LiveMember().enter(here, alice)
            ben, phone = [await LiveMember().enter(server, bob) for server in (here, there)]
            said = await ann.say(garden, "one")
            await ann.say(garden, "two")
            await settle(here, there)
            await ben.member.actions.read(garden.pk, said.seq)
            assert await ben.until_told("read", garden.pk) == (said.seq, 1)
            await settle(there)
            assert await phone.until_told("read", garden.pk) == (said.seq, 1)
            await ben.member.actions.mark_unread(garden.pk, said.seq)
            await settle(there)
            for member in (ben, phone):
                assert member.notes.take()[-1] == ("read", garden.pk, (said.seq - 1, 2))

    asyncio.run(journey())


def test_lines_are_marked_as_unread_after_what_was_read_a_moment_ago(garden, alice, bob):
    async def journey():
        async with running() as server:
            ann = await LiveMember().enter(server, alice)
            ben, phone = [await LiveMember().enter(server, bob) for _ in range(2)]
            last = [await ann.say(garden, text) for text in ("one", "two")][-1].seq
            await settle(server)
            await ben.member.actions.read(garden.pk, last)
            await phone.member.actions.mark_unread(garden.pk, last)
            readings = [note[2] for note in ben.notes.take() if note[0] == "read"]
            assert readings == [(last, 0), (last - 1, 1)]

    asyncio.run(journey())


def test_many_positions_are_saved_together_and_only_the_furthest(garden, alice, monkeypatch):
    saved = []
    advance = reading.advance
    monkeypatch.setattr(reading, "advance", lambda found: saved.append(found) or advance(found))

    async def journey():
        async with running() as server:
            ann = await LiveMember().enter(server, alice)
            last = [await ann.say(garden, text) for text in ("one", "two")][-1].seq
            for seq in (last, last - 1, 2**62):
                await ann.member.actions.read(garden.pk, seq)
            assert await ann.until_told("read", garden.pk) == (last, 0)

    asyncio.run(journey())
    assert saved == [[ReadPosition(alice.pk, garden.pk, 2**62)]]


def test_messages_that_a_read_position_has_counted_are_not_counted_again(
    garden, alice, bob, no_pause
):
    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            first = await ann.say(garden, "one")
            await settle(server)
            ben.notes.take()
            for text in ("two", "three"):
                await ann.say(garden, text)
            await ben.member.actions.read(garden.pk, first.seq)
            await server.positions.flush()
            await settle(server)
            assert await ben.until_told("read", garden.pk) == (first.seq, 2)
            assert await ben.until_told("active", garden.pk) == (2, 0, "three")

    asyncio.run(journey())


def test_a_removed_message_counts_no_longer(garden, alice, bob, no_pause):
    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            said = [await ann.say(garden, text) for text in ("one", "two")]
            await settle(server)
            assert (await ben.until_told("active", garden.pk))[0] == 2
            ben.notes.take()
            await server.database.write(removing.remove, garden.pk, [said[0].seq], alice)
            await settle(server)
            assert (await ben.until_told("read", garden.pk))[1] == 1

    asyncio.run(journey())


def test_messages_of_ignored_people_are_not_counted(garden, alice, bob, no_pause):
    ignoring.ignore(Ignorer(bob.pk, "bob"), "alice")

    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            await ann.say(garden, "@room hidden")
            await settle(server)
            assert await ben.until_told("active", garden.pk) == (0, 0, None)

    asyncio.run(journey())


def test_members_are_told_the_newest_message_that_they_do_not_ignore(garden, alice, bob, no_pause):
    carol = User.objects.create_user("carol")
    membership.join(garden.pk, carol)
    ignoring.ignore(Ignorer(bob.pk, "bob"), "alice")
    ignoring.ignore(Ignorer(alice.pk, "alice"), "carol")

    async def journey():
        async with running() as server:
            ann, ben, carl = [
                await LiveMember().enter(server, user) for user in (alice, bob, carol)
            ]
            await ben.say(garden, "one")
            await carl.say(garden, "two")
            await ann.say(garden, "three")
            await ann.say(garden, "four")
            await settle(server)
            for member, text in ((ann, "four"), (ben, "two"), (carl, "four")):
                assert (await member.until_told("active", garden.pk))[2] == text

    asyncio.run(journey())


def test_ignoring_somebody_and_ending_it_correct_the_counts(lobby, garden, alice, bob, no_pause):
    async def journey():
        async with running(2) as (here, there):
            ann, ben = [await LiveMember().enter(here, user) for user in (alice, bob)]
            phone = await LiveMember().enter(there, bob)
            said = await ann.say(garden, "@bob one")
            await ann.member.amend(Message.Kind.REACTED, garden.pk, said.seq, "👍")
            await settle(here, there)
            assert (await ben.until_told("active", garden.pk))[:2] == (1, 1)
            for change, unread_now in (("ignore", 0), ("stop_ignoring", 1)):
                for member in (ben, phone):
                    member.notes.take()
                await getattr(ben.member.ignoring, change)("alice")
                await there.ignore_lists.look()
                await settle(here, there)
                for member in (ben, phone):
                    told = [
                        (what, room, more[1]) for what, room, more in sorted(member.notes.take())
                    ]
                    # A page counts the lobby itself, also those who are ignored later.
                    assert told == [("read", lobby.pk, 0), ("read", garden.pk, unread_now)]

    asyncio.run(journey())


def test_positions_that_wait_are_saved_when_the_process_stops(garden, alice, monkeypatch):
    monkeypatch.setattr(timing, "SAVE_READ", 3600)

    async def journey():
        async with running() as server:
            ann = await LiveMember().enter(server, alice)
            said = await ann.say(garden, "one")
            await ann.member.actions.read(garden.pk, said.seq)
            return said.seq

    seq = asyncio.run(journey())
    assert Membership.objects.get(room=garden, user=alice).read_seq == seq
