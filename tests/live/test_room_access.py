"""Nobody receives a line of a room that they may not read, whatever happens meanwhile.

People join, leave, invite, remove, archive and change who may read, on two processes, while
everybody talks. The judge knows only what the clients received, and the logs.
"""

import asyncio
import random
from contextlib import suppress

import pytest
from django.db import transaction

from chat.models import Access, Message, User
from chat.room import alteration, changes, creation, log, membership
from chat.room.refusal import Refused
from tests.support.live_members import LiveMember
from tests.support.live_servers import running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 60  # of each person
SEEDS = [1, 2, 3]
SAID = Message.Kind.SAID


class Witness:
    """A member who does something at random, and notes what the client receives of each room.

    `received` has (room, first, last) for what came with an opening, and then (room, seq).
    """

    def __init__(self, user, chance):
        self.user, self.chance = user, chance
        self.live = LiveMember()
        self.openings = []  # (room, number of the opening, number of frames before it)

    async def enter(self, server):
        self.server = server
        await self.live.enter(server, self.user)

    async def act(self, rooms, people):
        room = self.chance.choice(rooms)
        actions = self.live.member.actions
        other = self.chance.choice(people)
        write = self.server.database.write
        match self.chance.randrange(12):
            case 0 | 1 | 2 | 3 | 4:
                await self.live.say(room, "words")
            case 5 | 6 | 7:
                await self.open(room)
            case 8:
                await actions.join(room.pk)
            case 9:
                await actions.part(room.pk)
            case 10:
                await write(membership.invite, room.pk, other, self.user)
            case 11:
                await write(membership.remove, room.pk, other, self.user)

    async def open(self, room):
        opened = await self.live.member.rooms.open(room.pk, None, count_messages=False)
        self.openings.append((room.pk, opened.opening.seq, len(self.live.frames)))
        self.live.member.rooms.begin(opened.follower)


def lines_of(witness):
    """Return (room, number of the opening, numbers of the lines that followed) of each opening."""
    found = []
    frames = witness.live.frames
    for place, (room_id, seq, begin) in enumerate(witness.openings):
        later = (there for pk, _, there in witness.openings[place + 1 :] if pk == room_id)
        part = frames[begin : next(later, len(frames))]
        named = [each for each in part if each["type"] == "lines" and each.get("room") == room_id]
        found.append((room_id, seq, [line["seq"] for each in named for line in each["lines"]]))
    return found


def readers_after(room, people):
    """Return for each number of a room's log who may read the room after that line."""
    members = {people[0].pk}  # the owner has created it
    readers = [set()]
    for kind, author_id in (
        Message.objects.filter(room=room).order_by("seq").values_list("kind", "author")
    ):
        if kind == "joined":
            members.add(author_id)
        elif kind == "parted":
            members.discard(author_id)
        is_open = room.kind == "open"
        readers.append({person.pk for person in people} if is_open else set(members))
    return readers


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_receives_a_line_that_they_may_not_read(lobby, alice, bob, seed):
    people = [alice, bob, *(User.objects.create_user(name) for name in ("carla", "dave"))]
    rooms = [
        creation.create(alice, "Cellar", private=True),
        creation.create(alice, "Attic", private=True),
        creation.create(alice, "Garden"),
    ]
    for room in rooms:
        membership.invite(room.pk, bob, alice)
        membership.set_role(room.pk, bob, "moderator", alice)
    witnesses = [Witness(person, random.Random(f"{seed} {person}")) for person in people]

    async def journey():
        async with running(2) as servers:
            for number, witness in enumerate(witnesses):
                await witness.enter(servers[number % 2])

            async def live(witness):
                for _ in range(ROUNDS):
                    with suppress(Refused):
                        await witness.act(rooms, people)

            async def ring():
                while True:  # as the bus would, which these processes have not
                    for server in servers:
                        for room in rooms:
                            server.rooms.look_at(room.pk)
                    await asyncio.sleep(0.005)

            ringing = asyncio.create_task(ring())
            await asyncio.gather(*map(live, witnesses))
            ringing.cancel()
            for server in servers:
                await server.poll()
                await server.rooms.wait_settled()

    asyncio.run(journey())
    judge(witnesses, rooms, people)


def judge(witnesses, rooms, people):
    readers = {room.pk: readers_after(room, people) for room in rooms}
    received = 0
    for witness in witnesses:
        for room_id, seq, seqs in lines_of(witness):
            may_read = readers[room_id]
            assert witness.user.pk in may_read[seq], f"{witness.user} opened {room_id} at {seq}"
            assert seqs == list(range(seq + 1, seq + 1 + len(seqs)))
            for each in seqs:
                assert witness.user.pk in may_read[each - 1], f"{witness.user} received {each}"
            received += len(seqs)
    assert received > 100, "hardly anything was received"


def test_a_room_that_becomes_private_is_lost_by_those_who_only_read_it(lobby, alice, bob):
    garden = creation.create(alice, "Garden")

    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            for member in (ann, ben):
                await member.open(garden)
            await ann.say(garden, "open")
            await server.database.write(alteration.set_access, garden.pk, Access.PRIVATE, alice)
            await ann.say(garden, "private")
            assert (ann.texts(garden), ben.texts(garden)) == (["open", "private"], ["open"])
            assert ben.notes.take() == [("left", garden.pk, "garden")]

    asyncio.run(journey())


@pytest.mark.parametrize("rewritten", [False, True], ids=["new lines", "all lines"])
def test_nothing_that_follows_a_loss_is_sent_although_it_is_read_at_the_same_time(
    lobby, alice, bob, rewritten
):
    garden = creation.create(alice, "Garden")
    membership.join(garden.pk, bob)

    def talk_and_remove():
        with transaction.atomic():
            log.append(log.lock(garden.pk), [membership.line(SAID, alice, "before")])
            membership.remove(garden.pk, bob, alice)
            log.append(log.lock(garden.pk), [membership.line(SAID, alice, "after")])
            if rewritten:
                log.count_rewriting(garden.pk)

    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            for member in (ann, ben):
                await member.open(garden)
            changes.listen(None)  # the poll finds the change, and all of it at once
            await server.database.write(talk_and_remove)
            await server.poll()
            await ann.until_heard(garden, "after")
            assert "after" not in ben.texts(garden)
            assert garden.pk not in ben.member.rooms.followers

    asyncio.run(journey())
