"""Reads pages of history from a filled room. Runs in a process of `history`."""

import random
import time
from functools import lru_cache, partial

from django.test import Client

from chat.models import Room, User
from chat.room import log
from tests.benchmarks import history


def answer(query, times):
    """Return the milliseconds that a query took each time."""
    run = QUERIES[query]()
    run()
    return [timed(run) for _ in range(times)]


def timed(run):
    """Return the milliseconds of a call."""
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def newest():
    room = Room.first()
    return lambda: log.before(room.pk, room.last_seq + 1, history.PAGE)


def middle():
    room = Room.first()
    chance = random.Random()
    seqs = range(history.PAGE + 1, room.last_seq)
    return lambda: log.before(room.pk, chance.choice(seqs), history.PAGE)


def messages():
    room = Room.first()
    return lambda: log.messages_until(room.pk, room.last_seq, history.MESSAGES)


def staff_list(query):
    browser = administrator()

    def get():
        response = browser.get(f"/admin/chat/message/?{query}")
        assert response.status_code == 200, response

    return get


@lru_cache
def administrator():
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(User.objects.create_superuser("measuring"))
    return browser


QUERIES = {
    "newest": newest,
    "middle": middle,
    "messages": messages,
    "list": partial(staff_list, ""),
    "list_kind": partial(staff_list, "kind__exact=left"),
    "list_name": partial(staff_list, f"name={history.NAME}"),
}
