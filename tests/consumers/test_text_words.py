"""The words about rooms on the legacy port."""

import pytest

from chat.models import Access
from chat.room import alteration, membership
from chat.room.people import here
from tests.support.text_clients import (
    NO_PERSON,
    NO_ROOM,
    NOT_ALLOWED,
    NOT_JOINED,
    enter,
    on_site,
    play,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_go_lets_the_plain_words_mean_another_room_until_go_alone(garden, keys):
    async def journey():
        _, carol, dave = await enter(keys, "alice", "carol", "dave")
        assert NOT_JOINED in await carol.answer("go rose-garden")
        await carol.answer("join rose-garden")
        assert "You speak to #rose-garden \n" in await carol.answer("go Rose Garden")
        assert "#rose-garden carol: in here\n" in await carol.answer("say in here")
        assert "Online Users:\nalice\ncarol\n" in await carol.answer("look")
        assert (await carol.answer("history 1")).endswith(" carol: in here\n")
        assert "#rose-garden * The topic is: Roses \n" in await carol.answer("topic")
        assert "You speak to #lobby \n" in await carol.answer("go")
        assert "Online Users:\nalice\ncarol\ndave\n" in await carol.answer("look")
        assert "carol: out there\n" in await carol.answer("say out there")
        assert "in here" not in await carol.answer("history")
        assert "in here" not in dave.text

    play(journey)


def test_leaving_the_room_of_go_leads_back_to_the_lobby(garden, keys):
    async def journey():
        (carol,) = await enter(keys, "carol")
        await carol.answer("join rose-garden")
        await carol.answer("go rose-garden")
        assert "You have left #rose-garden \n" in await carol.answer("leave")
        assert "carol: hello\n" in await carol.answer("say hello")
        assert "Nobody can leave the lobby \n" in await carol.answer("leave")
        assert "Nobody can leave the lobby \n" in await carol.answer("leave lobby")
        assert NOT_JOINED in await carol.answer("leave rose-garden")

    play(journey)


def test_leaving_a_room_that_was_lost_after_go_leads_back_to_the_lobby(garden, alice, keys):
    async def journey():
        (carol,) = await enter(keys, "carol")
        await carol.answer("join rose-garden")
        await carol.answer("go rose-garden")
        await on_site(alteration.set_access, garden.pk, Access.OPEN, alice)
        await carol.until("#rose-garden * carol has left the room.\n")
        assert NO_ROOM in await carol.answer("say among us")  # and not in the lobby
        assert NO_ROOM in await carol.answer("leave rose-garden")
        assert "You speak to #lobby \n" in await carol.answer("leave")
        assert "carol: hello\n" in await carol.answer("say hello")

    play(journey)


def test_the_lobby_is_a_room_like_others_for_the_new_words(garden, keys):
    async def journey():
        (carol,) = await enter(keys, "carol")
        assert "You have joined #lobby \n" in await carol.answer("join lobby")
        assert "carol: hello\n" in await carol.answer("to lobby hello")
        assert "You speak to #lobby \n" in await carol.answer("go lobby")
        assert "#lobby * There is no topic \n" in await carol.answer("topic")
        assert "joined" not in await carol.answer("history")

    play(journey)


def test_the_topic_is_set_shown_and_removed_where_one_is(garden, bob, keys):
    membership.join(garden.pk, bob)

    async def journey():
        alice, ben = await enter(keys, "alice", "bob")
        await alice.answer("go rose-garden")
        answer = await alice.answer("topic Tulips  and more")
        assert "#rose-garden * The topic is: Tulips and more \n" in answer
        await ben.until("#rose-garden * alice has set the topic: Tulips and more\n")
        assert "#rose-garden * There is no topic \n" in await alice.answer('topic ""')
        too_long = await alice.answer(f"topic {'x' * 251}")
        assert "Topic too long (250 characters at most) \n" in too_long
        await ben.answer("go rose-garden")
        assert NOT_ALLOWED in await ben.answer("topic mine")

    play(journey)


def test_somebody_is_invited_to_the_room_of_go(cellar, bob, keys):
    async def journey():
        alice, ben = await enter(keys, "alice", "bob")
        await alice.answer("go cellar")
        assert f"bob is in #{cellar.slug} \n" in await alice.answer('invite "BOB"')
        await ben.until(f"* You are in #{cellar.slug} now\n")
        assert NO_PERSON in await alice.answer("invite nobody")
        assert NO_PERSON in await alice.answer("invite bob and more")

    play(journey)
    assert {person.name for person in here(cellar.pk)[1]} == {"alice", "bob"}


def test_an_archived_room_is_read_and_nothing_else(garden, alice, keys):
    async def journey():
        (ann,) = await enter(keys, "alice")
        await ann.answer("to rose-garden before")
        await on_site(alteration.archive, garden.pk, alice)
        await ann.until("#rose-garden * alice has archived the room.\n")
        assert "That room is archived \n" in await ann.answer("to rose-garden after")
        await ann.answer("go rose-garden")
        assert "alice: before\n" in await ann.answer("history")

    play(journey)


def test_members_are_told_who_may_read_their_room_from_now_on(garden, alice, keys):
    async def journey():
        (ann,) = await enter(keys, "alice")
        for access, said in (
            (Access.OPEN, "open"),
            (Access.GUESTS, "open, also for guests"),
            (Access.PRIVATE, "private"),
        ):
            await on_site(alteration.set_access, garden.pk, access, alice)
            await ann.until(f"#rose-garden * alice has made the room {said}.\n")

    play(journey)


def test_the_only_owner_cannot_leave_while_others_are_there(garden, bob, keys):
    membership.join(garden.pk, bob)

    async def journey():
        (alice,) = await enter(keys, "alice")
        answer = await alice.answer("leave rose-garden")
        assert answer == "The room needs an owner when you leave \n"
        assert await alice.answer("to rose-garden still here") == (
            "#rose-garden alice: still here\n"
        )

    play(journey)


def test_words_without_their_arguments_are_explained(garden, keys):
    async def journey():
        (alice,) = await enter(keys, "alice")
        for line, usage in (
            ("join", "join ROOM"),
            ("to", "to ROOM TEXT"),
            ("to rose-garden", "to ROOM TEXT"),
            ("invite", "invite NAME"),
            ("msg", "msg NAME TEXT"),
            ("msg bob", "msg NAME TEXT"),
        ):
            assert f"Usage: {usage} \n" in await alice.answer(line)
        long = "x" * 4001
        for line in (f"to rose-garden {long}", f"msg bob {long}"):
            assert "Message too long (4000 characters at most) \n" in await alice.answer(line)

    play(journey)
