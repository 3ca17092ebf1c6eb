"""Rooms on the legacy port: guests, what members follow, and the bounds."""

import asyncio

import pytest
from django.db import OperationalError

from chat.consumers import text_following, text_rooms
from chat.live import process
from chat.live.flood_limits import Allowance
from chat.models import Access, Membership, Room
from chat.room import alteration, creation, log, membership, presence, transcript, visits
from chat.room.entrants import Entrant
from chat.room.transcript import Saying
from tests.support.live import PATIENCE
from tests.support.text_clients import (
    GUESTS_MAY_NOT,
    NO_ROOM,
    NOT_ALLOWED,
    NOT_JOINED,
    TextClient,
    enter,
    on_site,
    play,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_guest_talks_in_two_rooms(garden, keys):
    async def journey():
        alice, carol, dave = await enter(keys, "alice", "carol", "dave")
        assert NOT_JOINED in await carol.answer("to #rose-garden hello")
        assert "You have joined #rose-garden \n" in await carol.answer("join rose garden")
        await alice.until("#rose-garden * carol has joined the room.\n")
        await carol.ask("to rose-garden hello there", "#rose-garden carol: hello there\n")
        await alice.until("#rose-garden carol: hello there\n")
        await carol.ask("say to all", "carol: to all\n")
        await dave.until("carol: to all\n")
        await alice.ask("to rose-garden welcome", "#rose-garden alice: welcome\n")
        await carol.until("#rose-garden alice: welcome\n")
        assert "garden" not in dave.text
        assert "You have left #rose-garden \n" in await carol.answer("leave rose-garden")
        await alice.answer("to rose-garden gone?")
        assert "gone?" not in carol.text
        assert "#rose-garden * carol has left the room.\n" in alice.text

    play(journey)


def test_a_guest_finds_and_joins_only_open_rooms_that_allow_guests(garden, cellar, alice, keys):
    creation.create(alice, "Kitchen")

    async def journey():
        (carol,) = await enter(keys, "carol")
        assert (
            await carol.answer("rooms")
            == "Your Rooms:\n#lobby (Lobby)\nOther Rooms:\n#rose-garden (Rose Garden) Roses\n"
        )
        for room in ("kitchen", "Kitchen", f"#{cellar.slug}", "Cellar", "nowhere"):
            for word in ("join", "go", "leave"):
                assert NO_ROOM in await carol.answer(f"{word} {room}")
            assert NO_ROOM in await carol.answer(f"to {room} x")
        await carol.answer("join rose-garden")
        assert await carol.answer("rooms") == (
            "Your Rooms:\n#lobby (Lobby)\n#rose-garden (Rose Garden) Roses\n"
        )
        assert GUESTS_MAY_NOT in await carol.answer("msg alice hello")
        assert GUESTS_MAY_NOT in await carol.answer("invite alice")
        assert NOT_ALLOWED in await carol.answer("topic mine")

    play(journey)


def test_a_guest_loses_a_room_that_allows_no_guests_any_more(garden, alice, keys):
    async def journey():
        ann, carol = await enter(keys, "alice", "carol")
        await carol.answer("join rose-garden")
        await on_site(alteration.set_access, garden.pk, Access.OPEN, alice)
        await carol.until("#rose-garden * carol has left the room.\n")
        await ann.answer("to rose-garden among us")
        assert NO_ROOM in await carol.answer("to rose-garden hello")
        assert "among us" not in carol.text

    play(journey)


def test_a_guest_visits_a_bounded_number_of_rooms(lobby, alice, keys, monkeypatch):
    monkeypatch.setattr(visits, "MAX_VISITS", 2)
    for name in ("one", "two", "three"):
        room = creation.create(alice, name)
        Room.objects.filter(pk=room.pk).update(guests_allowed=True)

    async def journey():
        (carol,) = await enter(keys, "carol")
        for name in ("one", "two", "two"):
            assert f"You have joined #{name} \n" in await carol.answer(f"join {name}")
        assert "You are in too many rooms \n" in await carol.answer("join three")
        await carol.answer("leave one")
        assert "You have joined #three \n" in await carol.answer("join three")

    play(journey)


def test_the_visits_of_a_guest_end_with_the_connection(garden, keys):
    async def journey():
        alice, carol = await enter(keys, "alice", "carol")
        await carol.answer("join rose-garden")
        await carol.leave()
        await alice.until("#rose-garden * carol has left the room.\n")

    play(journey)


def test_a_member_gets_the_lines_of_all_their_rooms_from_the_login_on(garden, cellar, bob, keys):
    membership.join(garden.pk, bob)

    async def journey():
        alice, ben = await enter(keys, "alice", "bob")
        await alice.answer("to rose-garden in the open")
        await ben.until("#rose-garden alice: in the open\n")
        await alice.answer("to cellar in the dark")
        await ben.answer("to rose-garden yes")
        await alice.until("#rose-garden bob: yes\n")
        assert f"#{cellar.slug} alice: in the dark\n" in alice.text
        assert "in the dark" not in ben.text

    play(journey)


def test_a_message_of_several_lines_repeats_the_room_and_the_name(garden, alice, keys):
    def say(process):
        (stay,) = presence.enter([Entrant("alice", alice.pk, process, "web")])
        transcript.say([Saying(garden.pk, stay.connection_id, "one\ntwo")])

    async def journey():
        (carol,) = await enter(keys, "carol")
        await carol.answer("join rose-garden")
        await on_site(say, (await process.current()).cluster.id)
        await carol.until("#rose-garden alice: one\n#rose-garden alice: two\n")

    play(journey)


def test_speaking_in_an_open_room_joins_it_and_brings_its_lines(garden, bob, keys):
    async def journey():
        alice, ben = await enter(keys, "alice", "bob")
        assert await ben.answer("to rose-garden hi") == (
            "#rose-garden * bob has joined the room.\n#rose-garden bob: hi\n"
        )
        await alice.ask("to rose-garden welcome", "#rose-garden alice: welcome\n")
        await ben.until("#rose-garden alice: welcome\n")

    play(journey)
    assert Membership.objects.filter(room=garden, user=bob).exists()


def test_new_rooms_and_lost_ones_are_followed_at_once(cellar, alice, bob, keys):
    async def journey():
        ann, ben = await enter(keys, "alice", "bob")
        await on_site(membership.invite, cellar.pk, bob, alice)
        await ann.answer("to cellar welcome bob")
        await ben.until(f"* You are in #{cellar.slug} now\n")
        await ben.until(f"#{cellar.slug} alice: welcome bob\n")
        await ben.answer("go cellar")
        await on_site(membership.remove, cellar.pk, bob, alice)
        await ben.until(f"* You are no longer in #{cellar.slug}\n")
        await ann.answer("to cellar a secret")
        assert NO_ROOM in await ben.answer("say another secret")
        assert NO_ROOM in await ben.answer("history")
        assert NO_ROOM in await ben.answer("look")
        await ben.ask("go", "You speak to #lobby \n")
        await ben.ask("say hello", "bob: hello\n")
        assert "a secret" not in ben.text
        assert "another secret" not in ann.text

    play(journey)


def test_a_room_that_was_joined_at_another_door_comes_and_goes(garden, bob, keys):
    async def journey():
        alice, ben = await enter(keys, "alice", "bob")
        await on_site(membership.join, garden.pk, bob)
        await ben.until("* You are in #rose-garden now\n")
        await alice.answer("to rose-garden one")
        await ben.until("#rose-garden alice: one\n")
        await on_site(membership.part, garden.pk, bob)
        await ben.until("* You are no longer in #rose-garden\n")
        assert ben.text.count("#rose-garden alice: one\n") == 1

    play(journey)


async def until_newest_follows(room):
    members = (await process.current()).members.by_id
    followers = members[max(members)].rooms.followers
    async with asyncio.timeout(PATIENCE):
        while room.pk not in followers:
            await asyncio.sleep(0)


def test_help_begins_on_a_new_line_unless_a_room_or_a_notice_has_ended_the_last_one(
    garden, cellar, alice, bob, keys
):
    membership.join(garden.pk, bob)

    async def journey():
        (ann,) = await enter(keys, "alice")
        first = await TextClient("bob", keys["bob"]).enter()
        assert (await first.answer("help")).startswith("\nsay TEXT")
        second = await TextClient("bob", keys["bob"]).enter()
        await until_newest_follows(garden)
        await ann.answer("to rose-garden hello")
        await second.until("#rose-garden alice: hello\n")
        assert (await second.answer("help")).startswith("say TEXT")
        third = await TextClient("bob", keys["bob"]).enter()
        await until_newest_follows(garden)  # an earlier invitation would need no notice
        await on_site(membership.invite, cellar.pk, bob, alice)
        await third.until("now\n")
        assert (await third.answer("help")).startswith("say TEXT")

    play(journey)


def test_one_connection_follows_a_bounded_number_of_rooms(lobby, alice, bob, keys, monkeypatch):
    monkeypatch.setattr(text_following, "MAX_FOLLOWED", 2)
    monkeypatch.setattr(text_rooms, "MAX_FOLLOWED", 3)
    rooms = [creation.create(alice, name) for name in ("one", "two", "three", "four")]
    for room in rooms[:3]:
        membership.join(room.pk, bob)

    async def journey():
        ann, ben = await enter(keys, "alice", "bob")
        await ben.until("* You are in too many rooms: the lines of #three do not come here\n")
        assert "You are in too many rooms \n" in await ben.answer("join four")
        await ann.answer("to one hello")
        await ben.until("#one alice: hello\n")
        assert "Said, but the lines of that room do not come here \n" in await ben.answer(
            "to three hello"
        )
        assert "#three bob: hello" not in ben.text

    play(journey)


def test_joining_and_first_messages_count_for_the_flood_limits(garden, keys, monkeypatch):
    charged = []
    monkeypatch.setattr(Allowance, "charge_joining", lambda self: charged.append(1))

    async def journey():
        alice, carol = await enter(keys, "alice", "carol")
        for client, line, count in (
            (carol, "join rose-garden", 1),
            (carol, "join rose-garden", 0),
            (carol, "to rose-garden hi", 0),
            (alice, "msg bob one", 1),
            (alice, "msg bob two", 0),
        ):
            await client.answer(line)
            assert len(charged) == count, line
            charged.clear()

    play(journey)


def test_what_cannot_be_saved_is_answered(garden, keys, monkeypatch):
    async def journey():
        (alice,) = await enter(keys, "alice")

        def fail(*args):
            raise OperationalError("away")

        monkeypatch.setattr(log, "lock_many", fail)
        for line in ("to rose-garden hi", "msg bob hi"):
            assert "Not sent, please try again \n" in await alice.answer(line)
        await alice.answer("go rose-garden")
        assert "Not done, please try again \n" in await alice.answer("topic x")
        monkeypatch.undo()
        assert "#rose-garden alice: hi\n" in await alice.answer("say hi")

    play(journey)
