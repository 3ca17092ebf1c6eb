"""Searches a long log. Runs in a process of `search`."""

import time

from django.db import connection

from chat.models import Room, User
from chat.room import transcript
from chat.room.access import Reader
from chat.room.transcript import Saying
from chat.search import hits, keeping
from tests.benchmarks import saves

clock = time.perf_counter
RARE = "xylophone"
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
    return {"begin": begin, "index": index, "search": search}[what](**question)


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
