"""A member follows the rooms that it has open, as long as its person may read them."""

import asyncio
from uuid import uuid4

import pytest

from chat.live import open_rooms
from chat.models import User
from chat.room import creation, membership
from chat.room.refusal import RefusalCode, Refused
from tests.support.live_members import LiveMember
from tests.support.live_servers import running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cellar(lobby, alice, bob):
    """A private room of alice and bob."""
    room = creation.create(alice, "Cellar", private=True)
    membership.invite(room.pk, bob, alice)
    return room


@pytest.fixture
def garden(lobby, alice):
    """An open room, whose only member is alice."""
    return creation.create(alice, "Garden")


def test_the_lines_of_a_room_come_only_to_those_who_have_it_open(cellar, garden, alice, bob):
    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            await ann.open(cellar)
            await ann.say(cellar, "one")
            assert (ann.texts(cellar), ben.texts(cellar)) == (["one"], [])
            await ben.open(cellar)
            await ann.say(cellar, "two")
            await ann.say(garden, "elsewhere")
            ben.member.rooms.close(cellar.pk)
            await ann.say(cellar, "three")
            assert ben.texts(cellar) == ["two"]
            assert ann.texts(cellar) == ["one", "two", "three"]
            assert ann.texts(garden) == ben.texts(garden) == []

    asyncio.run(journey())


def test_a_room_that_may_not_be_read_looks_as_if_it_did_not_exist(cellar, bob):
    stranger = User.objects.create_user("eve")

    async def journey():
        async with running() as server:
            eve = await LiveMember().enter(server, stranger)
            for room_id in (cellar.pk, 10**6):
                for attempt in (
                    eve.member.rooms.open(room_id, None, count_messages=False),
                    eve.member.look_into(room_id),
                    eve.member.messages(5, room_id),
                    eve.member.actions.join(room_id),
                ):
                    with pytest.raises(Refused) as refused:
                        await attempt
                    assert refused.value.code is RefusalCode.NO_SUCH_ROOM

    asyncio.run(journey())


def test_a_member_who_is_removed_while_others_talk_receives_nothing_later(cellar, alice, bob):
    async def talk(ann, stopped):
        count = 0
        while not stopped.is_set():
            count += 1
            await ann.say(cellar, f"number {count}")
        return count

    async def journey():
        async with running(2) as (here, there):
            ann, watcher = [await LiveMember().enter(here, alice) for _ in range(2)]
            ben = await LiveMember().enter(there, bob)
            for member in (watcher, ben):
                await member.open(cellar)
            stopped = asyncio.Event()
            talking = asyncio.create_task(talk(ann, stopped))
            await watcher.until_heard(cellar, "number 3")
            await here.database.write(membership.remove, cellar.pk, bob, alice)
            stopped.set()
            count = await talking
            await watcher.until_heard(cellar, f"number {count}")
            for server in (here, there):  # the removal may follow the last message
                await server.poll()
                await server.rooms.wait_settled()
            (parted,) = [line for line in watcher.lines(cellar) if line["kind"] == "parted"]
            heard = [line["seq"] for line in ben.lines(cellar)]
            assert heard == list(range(heard[0], parted["seq"] + 1))
            assert cellar.pk not in ben.member.rooms.followers

    asyncio.run(journey())


def test_an_opening_that_races_with_a_removal_leads_to_nothing(cellar, alice, bob):
    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            await ann.open(cellar)
            opened = await ben.member.rooms.open(cellar.pk, None, count_messages=False)
            await server.database.write(membership.remove, cellar.pk, bob, alice)
            await ann.say(cellar, "too late")
            ben.member.rooms.begin(opened.follower)
            await ann.say(cellar, "later")
            assert ben.lines(cellar) == []
            assert ann.texts(cellar) == ["too late", "later"]

    asyncio.run(journey())


def test_a_member_who_comes_back_is_sent_what_follows(cellar, alice, bob):
    async def journey():
        async with running() as server:
            ann, ben = [await LiveMember().enter(server, user) for user in (alice, bob)]
            await ben.open(cellar)
            await server.database.write(membership.remove, cellar.pk, bob, alice)
            await server.database.write(membership.invite, cellar.pk, bob, alice)
            await ben.open(cellar)
            await ann.say(cellar, "welcome back")
            await ben.until_heard(cellar, "welcome back")

    asyncio.run(journey())


def test_a_room_is_resumed_after_the_last_line_that_was_seen(cellar, alice):
    async def journey():
        async with running() as server:
            ann = await LiveMember().enter(server, alice)
            first = await ann.open(cellar)
            for text in ("one", "two"):
                await ann.say(cellar, text)
            ann.member.rooms.close(cellar.pk)
            said = await ann.say(cellar, "three")
            assert await ann.open(cellar, first[-1]) == [said.seq - 2, said.seq - 1, said.seq]
            assert await ann.open(cellar, said.seq) == []

    asyncio.run(journey())


def test_a_message_in_a_room_that_is_not_open_needs_an_answer_and_is_saved_once(cellar, alice):
    async def journey():
        async with running() as server:
            ann = await LiveMember().enter(server, alice)
            client_id = uuid4()
            said = await ann.say(cellar, "once", client_id)
            again = await ann.say(cellar, "once", client_id)
            assert (said.seq, said.again) == (again.seq, again.again) == (said.seq, True)
            await ann.open(cellar)
            assert (await ann.say(cellar, "once", client_id)).again
            assert not (await ann.say(cellar, "twice", uuid4())).again

    asyncio.run(journey())


def test_a_client_that_hesitates_is_sent_one_batch_at_a_time(cellar, garden, alice):
    async def journey():
        async with running() as server:
            ann, talker = [await LiveMember().enter(server, alice) for _ in range(2)]
            for room in (cellar, garden):
                await ann.open(room)
            ann.hesitate()
            for room in (cellar, garden, cellar, garden):
                await talker.say(room, "again")
            assert (ann.texts(cellar), ann.texts(garden)) == (["again"], [])
            ann.take_again()
            await ann.until_heard(garden, "again")
            await ann.member.rooms.wait_drained()
            assert ann.texts(cellar) == ann.texts(garden) == ["again"] * 2

    asyncio.run(journey())


def test_the_room_that_was_opened_first_is_closed_when_there_are_too_many(
    cellar, garden, alice, monkeypatch
):
    monkeypatch.setattr(open_rooms, "MAX_OPEN", 1)

    async def journey():
        async with running() as server:
            ann = await LiveMember().enter(server, alice)
            for room in (cellar, garden):
                await ann.open(room)
            assert list(ann.member.rooms.followers) == [garden.pk]

    asyncio.run(journey())
