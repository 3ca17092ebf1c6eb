"""Nobody at a terminal receives a line that they may not read, or misses one of their rooms.

Members and a guest join, leave, invite and remove each other at random while all of them talk. The
judge knows only what the clients received, and the logs.
"""

import asyncio
import random
import re
from contextlib import suppress

import pytest

from chat.accounts import access_keys
from chat.live import process, timing
from chat.live.member import Member
from chat.live.room_actions import RoomActions
from chat.models import Message, Room, User
from chat.room import creation, membership
from chat.room.refusal import RefusalCode, Refused
from tests.support.live import PATIENCE
from tests.support.text_clients import (
    NOT_ALLOWED,
    TextClient,
    current_process,
    enter,
    on_site,
    play,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 40  # of each person
SAID = re.compile(r"^#(\S+) (\w+): words (\d+)$", re.MULTILINE)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everybody_receives_the_lines_of_their_rooms_and_no_others(lobby, alice, bob, seed):
    members = [alice, bob, User.objects.create_user("eve")]
    rooms = [
        creation.create(alice, "Garden"),
        creation.create(alice, "Kitchen"),
        creation.create(alice, "Cellar", private=True),
    ]
    Room.objects.filter(kind="open").update(guests_allowed=True)
    for room in rooms:
        membership.invite(room.pk, bob, alice)
        membership.set_role(room.pk, bob, "moderator", alice)
    keys = {user.username: access_keys.create(user, "terminal") for user in members}
    names = [*keys, "carol"]
    numbers = iter(range(10_000))

    async def live(client, chance):
        for _ in range(ROUNDS):
            room = chance.choice(rooms)
            other = chance.choice(members)
            match chance.randrange(10):
                case 0 | 1:
                    await client.answer(f"join {room.slug}")
                case 2:
                    await client.answer(f"leave {room.slug}")
                case 3:
                    await client.answer(f"go {room.slug}")
                    await client.answer(f"invite {other.username}")
                    await client.answer("go")
                case 4 if other != alice:
                    await on_site(remove, room, other, alice)
                case _:
                    await client.answer(f"to {room.slug} words {next(numbers)}")

    async def journey():
        async with current_process() as server:
            clients = [await TextClient(name, keys.get(name, "")).enter() for name in names]
            for client in clients:
                await client.answer("")  # now it follows its rooms
            await asyncio.gather(
                *(live(client, random.Random(f"{seed} {client.name}")) for client in clients)
            )
            await server.poll()
            await server.watch.look()
            with suppress(TimeoutError):  # the judge complains afterwards
                async with asyncio.timeout(PATIENCE):
                    while not await on_site(is_complete, clients, rooms):
                        await asyncio.sleep(0.05)  # until the next look at what was received
        return clients

    clients = asyncio.run(journey())
    received = sum(judge(client, room) for client in clients for room in rooms)
    assert received > 100, "hardly anything was received"


def is_complete(clients, rooms):
    """Return whether the clients have what was said in the rooms that they are in."""
    return all(Received(client, room).is_complete for client in clients for room in rooms)


def remove(room, person, by):
    with suppress(Refused):  # who is no member
        membership.remove(room.pk, person, by)


class Received:
    """The messages of one room that a client has received, and those said during its stays."""

    def __init__(self, client, room):
        found = SAID.findall(client.text)
        self.lines = [(name, number) for slug, name, number in found if slug == room.slug]
        self.said = []
        self.stays = [[]] if client.name == "alice" else []  # who has created the rooms
        self.is_there = bool(self.stays)
        log = Message.objects.filter(room=room).order_by("seq")
        for kind, name, text in log.values_list("kind", "name", "text"):
            if name == client.name and kind in ("joined", "parted"):
                self.is_there = kind == "joined"
                self.stays += [[]] * self.is_there
            elif kind == "said":
                self.said.append((name, text.removeprefix("words ")))
                if self.is_there:
                    self.stays[-1] = [*self.stays[-1], self.said[-1]]

    @property
    def is_complete(self):
        return not self.is_there or set(self.lines).issuperset(self.stays[-1])


def judge(client, room):
    """Check what one client has received of one room; return the number of messages.

    Somebody who speaks in an open room follows it a moment before joining it. Somebody who is
    removed right after an invitation may not have begun to follow the room.
    """
    received = Received(client, room)
    got, due = set(received.lines), {line for stay in received.stays for line in stay}
    assert received.lines == [line for line in received.said if line in got], "not in order"
    may_read_anyway = room.kind == "open" and client.name != "carol"
    assert may_read_anyway or got <= due, f"{client.name} received what they may not read"
    for stay in received.stays:
        assert got.issuperset(stay) or got.isdisjoint(stay), f"{client.name} missed something"
    assert received.is_complete, f"{client.name} misses something"
    return len(received.lines)


@pytest.fixture
def look(monkeypatch):
    """Return a coroutine function that looks at all changes; nothing else looks at them."""
    monkeypatch.setattr(timing, "WATCH", 3600)

    async def look():
        server = await process.current()
        await server.poll()
        await server.watch.look()

    return look


@pytest.fixture
def garden(lobby, alice):
    return creation.create(alice, "Garden")


async def assert_follows(client, room):
    """Assert that a client gets the next line of a room."""
    (author,) = await on_site(lambda: [User.objects.get(username="alice")])
    server = await process.current()
    alice = await TextClient("alice", await on_site(access_keys.create, author, "x")).enter()
    await server.poll()
    await alice.answer(f"to {room.slug} are you there")
    await client.until(f"#{room.slug} alice: are you there\n")


def test_a_member_who_joined_by_speaking_and_was_removed_at_once_follows_after_an_invitation(
    garden, alice, bob, look
):
    key = access_keys.create(bob, "terminal")

    async def journey():
        ben = await TextClient("bob", key).enter()
        await ben.ask("to garden hello", "#garden bob: hello\n")
        await on_site(membership.remove, garden.pk, bob, alice)
        await look()  # finds no member
        await on_site(membership.invite, garden.pk, bob, alice)
        await look()
        await assert_follows(ben, garden)

    play(journey)


def test_a_member_who_acts_before_the_notice_of_an_invitation_follows_the_room(
    garden, alice, bob, look
):
    key = access_keys.create(bob, "terminal")

    async def journey():
        ben = await TextClient("bob", key).enter()
        await on_site(membership.invite, garden.pk, bob, alice)
        await ben.answer("go garden")
        await ben.ask("invite alice", "alice is in #garden")
        await look()
        await assert_follows(ben, garden)

    play(journey)


def test_a_member_who_is_invited_again_before_the_answer_to_leaving_follows_the_room(
    garden, alice, bob, look, monkeypatch
):
    keys = keys_of(alice, bob)
    membership.join(garden.pk, bob)
    part = RoomActions.part

    async def journey():
        ben, ann = await enter(keys, "bob", "alice")

        async def part_and_be_invited(actions, room_id):
            summary = await part(actions, room_id)
            await on_site(membership.invite, room_id, bob, alice)
            await look()
            await hear(ben, ann, "welcome back")
            return summary

        monkeypatch.setattr(RoomActions, "part", part_and_be_invited)
        await ben.answer("leave garden")
        await hear(ben, ann, "and stay")
        assert_heard_once(ben, "welcome back", "and stay")

    play(journey)


def test_a_member_who_joins_elsewhere_while_a_message_is_refused_hears_nothing_twice(
    garden, alice, bob, look, monkeypatch
):
    keys = keys_of(alice, bob)

    async def journey():
        ben, ann = await enter(keys, "bob", "alice")

        say = Member.say

        async def refuse_ben(member, command):
            if member.name != "bob":
                return await say(member, command)
            await on_site(membership.join, garden.pk, bob)
            await hear(ben, ann, "welcome")
            raise Refused(RefusalCode.NOT_ALLOWED)

        monkeypatch.setattr(Member, "say", refuse_ben)
        assert NOT_ALLOWED in await ben.answer("to garden hello")
        await hear(ben, ann, "and stay")
        assert_heard_once(ben, "welcome", "and stay")

    play(journey)


def keys_of(*accounts):
    return {each.username: access_keys.create(each, "terminal") for each in accounts}


async def hear(listener, speaker, text):
    """Let the speaker say something in the garden, and wait until the listener has it."""
    await speaker.answer(f"to garden {text}")
    await (await process.current()).poll()
    await listener.until(f"#garden {speaker.name}: {text}\n")


def assert_heard_once(client, *texts):
    heard = [line for line in client.text.splitlines() if line.startswith("#garden alice: ")]
    assert heard == [f"#garden alice: {text}" for text in texts]
