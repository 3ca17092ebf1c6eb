"""Muted rooms on the legacy port: their lines do not come until the member wants them again."""

import pytest

from chat.models import Membership
from chat.room import actions, membership
from chat.room.actions import Actor
from tests.support.text_clients import (
    GUESTS_MAY_NOT,
    NO_ROOM,
    NOT_JOINED,
    TextClient,
    enter,
    on_site,
    play,
)

pytestmark = pytest.mark.django_db(transaction=True)


def level(room, user):
    return Membership.objects.get(room=room, user=user).level


async def talk(client, room, *texts):
    for text in texts:
        await client.ask(f"to {room.slug} {text}", f"#{room.slug} {client.name}: {text}\n")


def test_a_muted_room_is_silent_until_it_is_heard_again(garden, alice, bob, keys):
    membership.join(garden.pk, bob)

    async def journey():
        ann, ben = await enter(keys, "alice", "bob")
        answer = await ben.answer("level nothing rose-garden")
        assert "You are told of nothing in #rose-garden \n" in answer
        await talk(ann, garden, "unheard")
        await ann.ask("say to all", "alice: to all\n")
        await ben.until("alice: to all\n")
        assert "Said, but the lines of that room do not come here" in await ben.answer(
            "to rose-garden still a member"
        )
        assert await on_site(level, garden, bob) == "nothing"
        answer = await ben.answer("level all rose-garden")
        assert "You are told of all messages in #rose-garden \n" in answer
        await talk(ann, garden, "heard")
        await ben.until("#rose-garden alice: heard\n")
        assert "unheard" not in ben.text

    play(journey)


def test_a_room_that_was_muted_before_is_not_followed(garden, alice, keys):
    actions.set_level(Actor(alice.pk, 0), garden.pk, "nothing")

    async def journey():
        (ann,) = await enter(keys, "alice")
        again = await TextClient("alice", keys["alice"]).enter()
        await again.answer("")  # now it knows its rooms
        await ann.answer("to rose-garden unheard")
        await ann.answer("level mentions rose-garden")
        await talk(ann, garden, "heard")
        await again.until("#rose-garden alice: heard\n")  # the level is that of all connections
        assert "unheard" not in ann.text + again.text

    play(journey)


@pytest.mark.parametrize(
    ("name", "line", "answer"),
    [
        ("alice", "level", "Usage: level LEVEL [ROOM] \n"),
        ("alice", "level loud", "Usage: level LEVEL [ROOM] \n"),
        ("alice", "level nothing nowhere", NO_ROOM),
        ("bob", "level nothing rose-garden", NOT_JOINED),
        ("carol", "level nothing", GUESTS_MAY_NOT),
        ("alice", "level nothing", "You are told of nothing in #lobby \n"),
    ],
)
def test_what_cannot_be_done_is_explained(garden, keys, name, line, answer):
    async def journey():
        (client,) = await enter(keys, name)
        assert answer in await client.answer(line)

    play(journey)
