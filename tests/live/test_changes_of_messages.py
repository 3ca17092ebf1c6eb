"""Changes of messages as members of a process hear of them, in open rooms and in others."""

import asyncio

import pytest

from chat.live import history
from chat.models import Message
from chat.room import excerpts, folding, log
from chat.wire.commands import History
from tests.support.live_members import LiveMember
from tests.support.live_servers import running, settle

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_looks", "no_pause"),
]

Kind = Message.Kind


def counts(member, room):
    """Return what is unread in a room, and how many of it mention the account, as known here."""
    found = member.accounts.rooms_of(member.member.user_id)[room.pk]
    return found.unread, found.mentions


async def enter(server, *users):
    found = []
    for user in users:
        member = await LiveMember().enter(server, user)
        member.accounts = server.watch.accounts
        found.append(member)
    return found


def test_the_counts_of_a_room_that_is_not_open_follow_its_messages(garden, alice, bob):
    async def journey():
        async with running(1) as server:
            ann, ben = await enter(server, alice, bob)
            said = await ann.say(garden, "@bob hello")
            await settle(server)
            assert counts(ben, garden) == (1, 1)
            for kind, text, expected in (
                (Kind.EDITED, "hello all", (1, 0)),
                (Kind.EDITED, "hello @bob", (1, 1)),
                (Kind.REACTED, "👍", (1, 1)),
                (Kind.REMOVED, "", (0, 0)),
                (Kind.RESTORED, "", (1, 1)),
            ):
                ben.notes.take()
                await ann.member.amend(kind, garden.pk, said.seq, text)
                await settle(server)
                assert counts(ben, garden) == expected
                told = [what for what, *_ in ben.notes.take()]
                assert told == ([] if kind == Kind.REACTED else ["read"])

    asyncio.run(journey())


def test_members_who_have_read_a_message_are_told_nothing_of_its_edits(garden, alice, bob):
    async def journey():
        async with running(1) as server:
            ann, ben = await enter(server, alice, bob)
            said = await ann.say(garden, "hello")
            await ben.member.actions.read(garden.pk, said.seq)
            await server.positions.flush()
            await settle(server)
            ben.notes.take()
            await ann.member.amend(Kind.EDITED, garden.pk, said.seq, "hello @bob")
            await settle(server)
            assert ben.notes.take() == []
            assert counts(ben, garden) == (0, 0)

    asyncio.run(journey())


def test_a_change_comes_to_all_who_have_the_room_open_on_every_process(garden, alice, bob):
    async def journey():
        async with running(2) as (here, there):
            (ann,), (ben,) = await enter(here, alice), await enter(there, bob)
            for member in (ann, ben):
                await member.open(garden)
            said = await ann.say(garden, "hello")
            amended = await ann.member.amend(Kind.EDITED, garden.pk, said.seq, "bye")
            assert amended.shown
            await settle(there)
            for member in (ann, ben):
                (line,) = [each for each in member.lines(garden) if each["kind"] == "edited"]
                assert (line["of"], line["text"], line["seq"]) == (said.seq, "bye", amended.seq)

    asyncio.run(journey())


def test_a_page_of_history_has_the_changes_that_came_while_it_was_read(garden, alice, monkeypatch):
    """Otherwise a client would apply a change to a message that comes later, without it."""

    async def journey():
        async with running(1) as server:
            (ann,) = await enter(server, alice)
            said = await ann.say(garden, "hello")
            await ann.open(garden)
            read = server.database.read_for_member

            async def read_slowly(function, *arguments):
                found = await read(function, *arguments)
                if function is excerpts.before:
                    monkeypatch.setattr(server.database, "read_for_member", read)
                    await ann.member.amend(Kind.EDITED, garden.pk, said.seq, "bye")
                return found

            monkeypatch.setattr(server.database, "read_for_member", read_slowly)
            asked = History(10, before=said.seq + 1, count_messages=True, room=garden.pk)
            page = await ann.member.history(asked)
            assert b'"text":"bye"' in page.lines[-1]
            assert [line["kind"] for line in ann.lines(garden)] == ["edited"]

    asyncio.run(journey())


def test_who_returns_after_a_change_of_an_old_message_begins_again(garden, alice, monkeypatch):
    """Otherwise the client would keep the old message, and load only those that it has missed."""
    monkeypatch.setattr(history, "RESUMABLE_LINES", 3)

    async def journey():
        async with running(1) as server:
            (ann,) = await enter(server, alice)
            await ann.open(garden)
            old = await ann.say(garden, "old")
            new = [await ann.say(garden, f"new {number}") for number in range(5)]

            async def opening():
                found = await ann.member.rooms.open(garden.pk, old.seq, count_messages=True)
                return found.opening.reset, found.opening.missed

            await ann.member.amend(Kind.EDITED, garden.pk, new[0].seq, "newer")
            assert await opening() == (True, 0)
            await ann.member.amend(Kind.EDITED, garden.pk, old.seq, "older")
            assert await opening() == (True, None)

    asyncio.run(journey())


def test_many_reactions_and_edits_in_a_row_keep_the_memory_of_a_tail_bounded(garden, alice, bob):
    async def journey():
        async with running(1) as server:
            ann, ben = await enter(server, alice, bob)
            await ann.open(garden)
            said = await ann.say(garden, "hello")
            tail = await server.rooms.tail(garden.pk)
            for turn in range(20):
                text = "👍" if turn % 2 == 0 else "-👍"
                for member in (ann, ben):
                    amended = await member.member.amend(Kind.REACTED, garden.pk, said.seq, text)
            await tail.reach(amended.seq)
            newest = tail.newest.excerpt()
            assert len(newest.lines) < 10
            assert sum(run.last - run.first + 1 for run in newest.skipped) == 40
            lines = await server.database.read(log.after, garden.pk, 0, 100)
            assert folding.up_to_date(lines, lines)[said.seq - 1] == lines[said.seq - 1]

    asyncio.run(journey())
