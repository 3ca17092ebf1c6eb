"""A member is sent nothing that people whom they ignore have said, and everybody else is."""

import asyncio
import json

import pytest
from django.utils import timezone

from chat.live import process
from chat.live.ignoring_wire import IgnoringWire
from chat.models import Line
from chat.names.keys import key_of
from chat.room import ignoring
from chat.room.ignoring import Ignorer
from chat.room.refusal import RefusalCode, Refused
from chat.wire import frames, legacy
from chat.wire.commands import History
from tests.support.live_members import LiveMember

pytestmark = pytest.mark.django_db(transaction=True)


def run(journey):
    """Run `journey(server)` with the current server process."""

    async def with_process():
        server = await process.current()
        try:
            await journey(server)
        finally:
            await process.stop()

    asyncio.run(with_process())


async def enter(server, room, *users):
    """Return members who have opened a room."""
    members = [await LiveMember().enter(server, user) for user in users]
    for member in members:
        await member.open(room)
    return members


async def history(client, room):
    """Return the texts of the messages of a room, as a client gets them later."""
    page = await client.member.history(History(50, before=10**9, room=room.pk))
    lines = [json.loads(line) for line in page.lines]
    return [line["text"] for line in lines if line["kind"] == "said"]


def test_messages_of_ignored_people_come_without_their_content(garden, alice, bob):
    async def journey(server):
        ann, other_ann, ben = await enter(server, garden, alice, alice, bob)
        await ben.say(garden, "before")
        await ann.until_heard(garden, "before")
        assert await ann.member.ignoring.ignore("bob") == "bob"
        await ben.say(garden, "hidden")
        await ann.say(garden, "mine")
        for client in (ann, ben):
            await client.until_heard(garden, "mine")
        assert ann.texts(garden) == ["before", "", "mine"]
        assert ben.texts(garden) == ["before", "hidden", "mine"]
        (hidden,) = [line for line in ann.lines(garden) if line.get("ignored")]
        assert hidden["name"] == "bob"
        assert await history(ann, garden) == ["", "", "mine"]
        assert await history(ben, garden) == ["before", "hidden", "mine"]

        await server.ignore_lists.look()  # the other connection of the account
        assert await history(other_ann, garden) == ["", "", "mine"]

        assert await ann.member.ignoring.stop_ignoring("BOB") == "bob"
        await ben.say(garden, "shown")
        await ann.until_heard(garden, "shown")
        assert await history(ann, garden) == ["before", "hidden", "mine", "shown"]

    run(journey)


def test_a_list_is_there_when_the_member_comes_again(garden, alice, bob):
    ignoring.ignore(Ignorer(alice.pk, "alice"), "bob")

    async def journey(server):
        ann, ben = await enter(server, garden, alice, bob)
        assert ann.member.ignoring.names == ["bob"]
        await ben.say(garden, "hidden")
        assert await history(ann, garden) == [""]

    run(journey)


def test_lines_of_others_are_encoded_once_for_all(garden, alice, bob):
    ignoring.ignore(Ignorer(alice.pk, "alice"), "bob")

    async def journey(server):
        ann, ben = await enter(server, garden, alice, bob)
        await ann.say(garden, "hello")
        await ann.until_heard(garden, "hello")
        await ben.until_heard(garden, "hello")
        encoder = (await server.rooms.tail(garden.pk)).encoder
        wires = [client.member.rooms.followers[garden.pk].wire for client in (ann, ben)]
        (line,) = server.rooms.tails[garden.pk].recent.between(2, 3)
        one, other = (encoder.encode(wire, [line])[0] for wire in wires)
        assert one is other

    run(journey)


def test_a_reply_of_somebody_else_does_not_quote_what_an_ignored_person_said():
    quote = {"name": "bob", "text": "hidden"}
    line = Line(seq=2, kind="said", name="carol", text="yes", at=timezone.now(), of=1, quote=quote)
    for keys, text in ((frozenset({key_of("BOB")}), ""), (frozenset({key_of("dave")}), "hidden")):
        sent = json.loads(IgnoringWire(frames, keys).encode(line))
        assert (sent["text"], sent["quote"]["text"]) == ("yes", text)
        assert f"> bob: {text}\n".encode() in IgnoringWire(legacy, keys).encode(line)


def test_nobody_is_ignored_who_is_not_there(garden, alice):
    async def journey(server):
        (ann,) = await enter(server, garden, alice)
        for name, code in (
            ("nobody", RefusalCode.NO_SUCH_PERSON),
            ("alice", RefusalCode.NOT_ALLOWED),
        ):
            with pytest.raises(Refused) as refused:
                await ann.member.ignoring.ignore(name)
            assert refused.value.code is code
        with pytest.raises(Refused):
            await ann.member.ignoring.stop_ignoring("bob")

    run(journey)
