"""Saves messages as this site does, and as is usual. Runs in a process of `saving`."""

import asyncio
import os
import statistics
import time
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import NamedTuple
from uuid import uuid4

import uvloop
from django.utils import timezone

from chat.live.database import Database
from chat.live.group_commit import GroupCommit
from chat.models import Message, Room, User
from chat.room import creation, membership, presence, processes, transcript
from chat.room.presence import Entrant
from chat.room.refusal import Refused
from chat.room.transcript import Saying
from tests.benchmarks import sanctions
from tests.support.make_members import letters

MOST = 256  # speakers
ROOMS = 64
TEXT = "a line of a usual length, as people write them in a chat"
WARM_UP = 0.5  # seconds

clock = time.perf_counter


class SavingSpeaker(NamedTuple):
    """A person in the room."""

    name: str
    user_id: int
    connection_id: int


def answer(question, **options):
    """Answer "save" with `measure`, and "sanctions" with the number that there are then."""
    return {"save": measure, "sanctions": add_sanctions}[question](**options)


def add_sanctions(count):
    """Add sanctions to the database before the speakers enter."""
    return sanctions.fill(accounts(), count)


def measure(way, seconds, speakers=MOST, rate=None):
    """Return {"rate": messages saved a second, "p50": ms, "p99": ms} of one way to save.

    Each speaker has one message under way. With a `rate`, speakers say that many messages a second
    instead, whether earlier ones are saved or not.
    """
    with WAYS[way]() as save:
        if rate is None:
            done = uvloop.run(in_turn(save, everybody()[:speakers], seconds))
        else:
            done = uvloop.run(by_the_clock(save, everybody(), seconds, rate))
    percents = statistics.quantiles(done, n=100)
    return {
        "rate": len(done) / seconds,
        "p50": 1000 * percents[49],
        "p99": 1000 * percents[98],
    }


# Ways of saving


@contextmanager
def together():
    """Save as this site does: what waits while a transaction runs shares the next one."""
    lobby = Room.first().pk
    with group_commit(lambda speaker: lobby) as save:
        yield save


@contextmanager
def over_rooms():
    """Save in the same way, each speaker in a room of their own, up to `ROOMS` rooms."""
    rooms = rooms_of_speakers()
    with group_commit(lambda speaker: rooms[speaker.user_id]) as save:
        yield save


@contextmanager
def group_commit(room_of):
    """Save what speakers say in the rooms that `room_of(speaker)` returns."""
    database = Database()
    commit = GroupCommit(database, transcript.say, lambda items, results, room_ids: [])

    async def save(speaker):
        saying = Saying(room_of(speaker), speaker.connection_id, TEXT, uuid4())
        said = await commit.submit(saying)
        if isinstance(said, Refused):
            raise said

    try:
        yield save
    finally:
        database.close()


@contextmanager
def one_by_one():
    """Save as is usual, with one `acreate()` for each message. Its number is given."""
    room = Room.first()
    numbers = count(room.last_seq + 1)

    async def save(speaker):
        await Message.objects.acreate(
            room=room,
            seq=next(numbers),
            kind=Message.Kind.SAID,
            name=speaker.name,
            text=TEXT,
            at=timezone.now(),
            client_id=uuid4(),
            author_id=speaker.user_id,
        )

    try:
        yield save
    finally:
        Room.objects.filter(pk=room.pk).update(last_seq=next(numbers) - 1)


WAYS = {"together": together, "over_rooms": over_rooms, "one_by_one": one_by_one}


# Speakers


@lru_cache
def everybody():
    """Return all speakers, who are in the room."""
    process_id = processes.register("benchmark", os.getpid(), "")
    users = accounts()
    stays = presence.enter([Entrant(user.username, user.pk, process_id, "web") for user in users])
    return [
        SavingSpeaker(user.username, user.pk, stay.connection_id)
        for user, stay in zip(users, stays, strict=True)
    ]


@lru_cache
def accounts():
    """Return the new accounts of all speakers."""
    return [User.objects.create_user(f"speaker{letters(number)}") for number in range(MOST)]


@lru_cache
def rooms_of_speakers():
    """Return {user id: room id} of rooms among which the speakers are spread, as members."""
    users = [User.objects.get(pk=speaker.user_id) for speaker in everybody()]
    rooms = [creation.create(users[number], f"Room {number}").pk for number in range(ROOMS)]
    places = {user.pk: rooms[number % ROOMS] for number, user in enumerate(users)}
    for user in users[ROOMS:]:
        membership.join(places[user.pk], user)
    return places


async def in_turn(save, speakers, seconds):
    """Return the seconds of each save, where every speaker waits for the last one."""
    begin = clock() + WARM_UP
    end = begin + seconds
    done = []

    async def speak(speaker):
        while (start := clock()) < end:
            await save(speaker)
            done.append((clock(), clock() - start))

    await asyncio.gather(*map(speak, speakers))
    return [took for at, took in done if begin <= at < end]


async def by_the_clock(save, speakers, seconds, rate):
    """Return the seconds of each save, from the moment at which it was due."""
    start = clock()
    done = []

    async def speak(speaker, due):
        await save(speaker)
        done.append((due, clock() - due))

    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * (WARM_UP + seconds))):
            due = start + number / rate
            await asyncio.sleep(due - clock())  # the rate of the load
            group.create_task(speak(speakers[number % len(speakers)], due))
    return [took for due, took in done if due >= start + WARM_UP]
