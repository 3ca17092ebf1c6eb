"""Direct messages on the legacy port, and what was read there."""

import asyncio

import pytest

from chat.accounts import access_keys
from chat.live import process
from chat.models import User
from chat.room import creation
from tests.support.live import PATIENCE
from tests.support.text_clients import NO_PERSON, NO_ROOM, NOT_ALLOWED, enter, play

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_member_begins_a_bounded_number_of_conversations(lobby, alice, bob, keys, monkeypatch):
    creation.open_direct(alice, [bob])
    monkeypatch.setattr(creation, "MAX_CREATED", 1)
    User.objects.create_user("eve")

    async def journey():
        (ann,) = await enter(keys, "alice")
        answer = await ann.answer("msg eve hello")
        assert answer == "You have created too many rooms, try again in an hour \n"
        assert "@alice: hello\n" in await ann.answer("msg bob hello")

    play(journey)


def test_direct_messages_come_with_the_name_alone(keys):
    async def journey():
        alice, ben, carol = await enter(keys, "alice", "bob", "carol")
        assert "@alice: hello bob\n" in await alice.answer("msg Bob hello bob")
        await ben.until("@alice: hello bob\n")
        assert "@bob: hello yourself\n" in await ben.answer("msg alice hello yourself")
        await alice.until("@bob: hello yourself\n")
        await ben.ask("go @alice", "You speak to @alice \n")
        await ben.ask("say and more", "@bob: and more\n")
        assert "alice: hello bob\n" in await ben.answer("history")
        assert NO_PERSON in await ben.answer("msg carol hello")
        assert NOT_ALLOWED in await ben.answer("msg bob hello")
        assert "hello" not in carol.text
        assert "@alice" in (await ben.answer("rooms"))

    play(journey)


def test_direct_messages_of_several_people_name_all_others(lobby, keys):
    eve = User.objects.create_user("eve")
    keys["eve"] = access_keys.create(eve, "terminal")

    async def journey():
        alice, ben, third = await enter(keys, "alice", "bob", "eve")
        assert "@bob,eve alice: hello\n" in await alice.answer("msg bob,eve hello")
        await ben.until("@alice,eve alice: hello\n")
        await third.until("@alice,bob alice: hello\n")
        await third.ask("to @alice,bob hi", "@alice,bob eve: hi\n")
        assert NO_ROOM in await third.answer("to @alice hi")

    play(journey)


def test_a_direct_room_that_was_left_comes_back_with_the_next_message(keys):
    async def journey():
        alice, ben = await enter(keys, "alice", "bob")
        await alice.answer("msg bob one")
        await ben.until("@alice: one\n")
        assert "You have left @alice \n" in await ben.answer("leave @alice")
        assert "@alice" not in await ben.answer("rooms")
        assert "You speak to @alice \n" in await ben.answer("go @alice")
        await alice.answer("msg bob two")
        await ben.until("@alice: two\n")
        assert ben.text.count("@alice: one\n") == ben.text.count("@alice: two\n") == 1
        assert "@alice" in await ben.answer("rooms")

    play(journey)


def test_what_was_unread_is_read_by_history_and_by_speaking(alice, bob, keys):
    async def journey():
        (ann,) = await enter(keys, "alice")
        await ann.answer("msg bob are you there?")
        await ann.answer("msg bob @bob?")
        (ben,) = await enter(keys, "bob")
        assert "are you there" not in ben.text
        assert "@alice [2 unread, 1 for you]\n" in await ben.answer("rooms")
        await ben.answer("go @alice")
        assert "alice: are you there?\n" in await ben.answer("history")
        await until_listed(ben, "@alice\n")
        await ann.answer("msg bob still there?")
        await ben.until("@alice: still there?\n")
        assert "@alice [1 unread]\n" in await ben.answer("rooms")
        await ben.answer("say yes")
        await until_listed(ben, "@alice\n")

    play(journey)


def test_a_change_that_is_seen_during_the_login_brings_nothing_that_was_said_before(
    alice, bob, keys, monkeypatch
):
    async def journey():
        (ann,) = await enter(keys, "alice")
        await ann.answer("msg bob are you there?")
        server = await process.current()
        read = server.rooms.summaries_of.get

        async def read_after_a_look(user_id):
            server.watch.refresh(user_id)
            await server.watch.look()
            return await read(user_id)

        monkeypatch.setattr(server.rooms.summaries_of, "get", read_after_a_look)
        (ben,) = await enter(keys, "bob")
        await ann.answer("msg bob hello?")
        await ben.until("@alice: hello?\n")
        assert "are you there" not in ben.text

    play(journey)


async def until_listed(client, room):
    """Wait until the list of rooms has a line; read positions are saved a moment later."""
    async with asyncio.timeout(PATIENCE):
        while room not in await client.answer("rooms"):
            await asyncio.sleep(0.05)  # until the next look
