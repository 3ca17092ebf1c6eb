"""Saves messages while the index of the search is kept. Runs in a process of `indexing`."""

import asyncio
import time
from contextlib import contextmanager
from uuid import uuid4

import uvloop

from chat.live import timing
from chat.live.database import Database
from chat.live.group_commit import GroupCommit
from chat.live.search_keeper import SearchKeeper
from chat.models import IndexCursor, Room
from chat.room import transcript
from chat.room.refusal import Refused
from chat.room.transcript import Saying
from chat.search import keeping
from tests.benchmarks import saves

clock = time.perf_counter
LOOK = 0.05  # seconds between two looks at the lag


def answer(what, **question):
    """Do one of the functions below, and return what it has measured."""
    try:
        return {"save": save, "lag": lag}[what](**question)
    finally:
        while keeping.step().more:  # so that each measurement begins with a complete index
            pass


def save(seconds, speakers, indexed):
    """Return the messages that so many speakers save a second, with or without the index."""
    with a_room() as room:
        run = saves.in_turn(room.say, saves.everybody()[:speakers], seconds)
        done = uvloop.run(beside(run, room.keep_index()) if indexed else run)
    return len(done) / seconds


def lag(seconds, rate):
    """Return the largest lag of the index in seconds, while so many messages a second are said."""
    lags = []
    with a_room() as room:
        run = saves.by_the_clock(room.say, saves.everybody(), seconds, rate)
        uvloop.run(beside(run, room.keep_index(), room.note_lag(lags)))
    return max(lags)


async def beside(run, *others):
    """Return the result of `run`, while the others run as long as it."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(other) for other in others]
        result = await run
        for task in tasks:
            task.cancel()
    return result


@contextmanager
def a_room():
    """Yield the first room, and close its database in the end."""
    database = Database()
    try:
        yield IndexedRoom(database, Room.first().pk)
    finally:
        database.close()


class IndexedRoom:
    """A room in which speakers say something, as a process of the site saves and indexes it."""

    def __init__(self, database, room_id):
        self._database = database
        self._room_id = room_id
        self._keeper = SearchKeeper(database)
        self._commit = GroupCommit(
            database, transcript.say, lambda *args: self._keeper.notice() or []
        )
        self._newest = 0

    async def say(self, speaker):
        saying = Saying(self._room_id, speaker.connection_id, saves.TEXT, uuid4())
        said = await self._commit.submit(saying)
        if isinstance(said, Refused):
            raise said
        self._newest = said.seq

    async def keep_index(self):
        while True:
            await asyncio.sleep(timing.INDEX)
            await self._keeper.keep()

    async def note_lag(self, lags):
        """Note for each moment how long ago the message was the newest up to which is indexed."""
        times = {}
        while True:
            await asyncio.sleep(LOOK)
            times[self._newest] = clock()
            seq = await self._database.read(cursor_of, self._room_id)
            times = {number: at for number, at in times.items() if number > seq}
            lags.append(clock() - min(times.values(), default=clock()))


def cursor_of(room_id):
    return IndexCursor.objects.filter(pk=room_id).values_list("seq", flat=True).first() or 0
