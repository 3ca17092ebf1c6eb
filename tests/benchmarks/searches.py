"""Searches a long log, and saves messages beside the index. Runs in a process of `search`."""

import asyncio
import statistics
import time
from contextlib import contextmanager
from uuid import uuid4

import uvloop
from django.db import connection

from chat.live import timing
from chat.live.database import Database
from chat.live.group_commit import GroupCommit
from chat.live.search_keeper import SearchKeeper
from chat.models import IndexCursor, Room, User
from chat.room import transcript
from chat.room.access import Reader
from chat.room.refusal import Refused
from chat.room.transcript import Saying
from chat.search import hits, keeping
from tests.benchmarks import saves

clock = time.perf_counter
RARE = "xylophone"
LOOK = 0.05  # seconds between two looks at the lag
# Words of `fill`, from those in every tenth message to one that is nearly nowhere.
QUERIES = {
    "a rare word": f"{RARE}",
    "a frequent word": "coffee",
    "two frequent words": "coffee train",
    "five frequent words": "coffee train weather music lunch",
    "a phrase": '"good coffee"',
    "a word that is nowhere": "nowheretobefound",
    "a rare and a frequent word": f"coffee {RARE}",
    "a person": "coffee from:ada.ash",
    "a person without a word": "from:ada.ash",
    "a room": "coffee in:lobby",
    "long ago": "coffee before:2015-03-01",
    "one day": "coffee after:2015-05-01 before:2015-05-02",
    "a link": "coffee has:link",
}


def answer(what, **question):
    """Do one of the functions below, and return what it has measured."""
    return {"begin": begin, "index": index, "search": search, "save": save}[what](**question)


def begin():
    """Say something rare, before the room is filled, and after it."""
    speaker = saves.everybody()[0]
    for text in (f"the {RARE} is rare", "nothing else"):
        transcript.say([Saying(Room.first().pk, speaker.connection_id, text)])
    return {}


def index():
    """Index everything that is not indexed yet; return how long that took."""
    start, count = clock(), 0
    while (done := keeping.step()).more or done.messages:
        count += done.messages
    took = clock() - start
    with connection.cursor() as cursor:
        tidy = "ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE"
        cursor.execute(tidy)
    return {"messages": count, "seconds": took}


def search(rounds):
    """Return {query: {order: milliseconds of each search}}, each query in turn with the others."""
    reader = Reader(User.objects.filter(username=saves.everybody()[0].name).get().pk)
    orders = {"newest": hits.newest, "best": hits.best}
    times = {query: {order: [] for order in orders} for query in QUERIES}
    for _ in range(rounds):
        for query, text in QUERIES.items():
            for order, function in orders.items():
                start = clock()
                function(text, reader)
                times[query][order].append(1000 * (clock() - start))
    return times


def save(seconds, speakers=saves.MOST, rate=None, indexed=True):
    """Return what `saves.measure` does, and the largest lag of the index in seconds."""
    with beside_the_index(indexed) as (saving, lag):
        if rate is None:
            run = saves.in_turn(saving, saves.everybody()[:speakers], seconds)
        else:
            run = saves.by_the_clock(saving, saves.everybody(), seconds, rate)
        done, lags = uvloop.run(lag(run))
    if indexed:
        index()
    percents = statistics.quantiles(done, n=100)
    return {
        "rate": len(done) / seconds,
        "p50": 1000 * percents[49],
        "p99": 1000 * percents[98],
        "lag": max(lags, default=0),
    }


@contextmanager
def beside_the_index(indexed):
    """Yield a function that saves, and one that runs the saving while the index is kept or not."""
    database = Database()
    keeper = SearchKeeper(database)
    room_id = Room.first().pk
    commit = GroupCommit(database, transcript.say, lambda *args: keeper.notice() or [])

    async def saving(speaker):
        said = await commit.submit(Saying(room_id, speaker.connection_id, saves.TEXT, uuid4()))
        if isinstance(said, Refused):
            raise said
        newest[0] = said.seq

    newest = [0]

    async def run(measured):
        lags = []
        jobs = [keep(), note_lag(lags)] if indexed else []
        tasks = [asyncio.create_task(job) for job in jobs]
        try:
            return await measured, lags
        finally:
            for task in tasks:
                task.cancel()

    async def keep():
        while True:
            await asyncio.sleep(timing.INDEX)
            await keeper.keep()

    async def note_lag(lags):
        """Note for each moment how long ago the message was the newest up to which is indexed."""
        times = {}
        while True:
            await asyncio.sleep(LOOK)
            times[newest[0]] = clock()
            seq = await database.read(cursor_of, room_id)
            behind = [at for number, at in times.items() if number > seq]
            lags.append(clock() - min(behind, default=clock()))
            times = {number: at for number, at in times.items() if number > seq}

    try:
        yield saving, run
    finally:
        database.close()


def cursor_of(room_id):
    return IndexCursor.objects.filter(pk=room_id).values_list("seq", flat=True).first() or 0
