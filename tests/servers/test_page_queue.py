"""The queue of requests for pages."""

import asyncio

import pytest

from chat.servers.page_queue import MAX_WAITING_OF_ADDRESS, PageQueue
from tests.support.waiting import PATIENCE, let_others_run

pytestmark = pytest.mark.same_on_every_database

ANN, BEN, CAT = ("192.0.2.1", 1), ("192.0.2.2", 1), ("192.0.2.3", 1)


class Pages:
    """An application whose requests run until they are ended. `running` are their clients."""

    def __init__(self):
        self.running = []
        self.order = []
        self.ending = asyncio.Event()

    async def __call__(self, scope, receive, send):
        self.running.append(scope["client"])
        self.order.append(scope["client"])
        try:
            await scope["ending"].wait()
            if scope.get("fails"):
                raise RuntimeError
        finally:
            self.running.remove(scope["client"])


class Queue:
    """A queue in front of pages, with room for three requests and for two of an address."""

    def __init__(self, **options):
        self.pages = Pages()
        options = {"at_once": 3, "at_once_of_address": 2} | options
        self.queue = PageQueue(self.pages, **options)
        self.statuses = []

    async def ask(self, client, count=1, **more):
        """Start some requests and return (an event that ends them, their tasks)."""
        ending = asyncio.Event()
        scope = {"type": "http", "client": client, "ending": ending, **more}
        tasks = [asyncio.create_task(self.queue(scope, None, self.send)) for _ in range(count)]
        await let_others_run()
        return ending, tasks

    async def send(self, event):
        if "status" in event:
            self.statuses.append(event["status"])


def scenario(test):
    def run():
        asyncio.run(asyncio.wait_for(test(), PATIENCE))

    run.__name__ = test.__name__
    return run


@scenario
async def test_one_address_leaves_places_to_the_others():
    queue = Queue()
    await queue.ask(ANN, 10)
    assert queue.pages.running == [ANN, ANN]
    await queue.ask(BEN)
    assert queue.pages.running == [ANN, ANN, BEN]


@scenario
async def test_all_requests_together_have_a_limit_and_the_rest_waits():
    queue = Queue()
    for number in range(5):
        await queue.ask((f"192.0.2.{number}", 1))
    assert len(queue.pages.running) == 3


@scenario
async def test_addresses_take_turns():
    queue = Queue(at_once=1)
    ending, _ = await queue.ask(ANN, 3)
    other, _ = await queue.ask(BEN, 2)
    last, _ = await queue.ask(CAT)
    for event in (ending, other, last):
        event.set()
    await let_others_run()
    assert queue.pages.order == [ANN, ANN, BEN, CAT, ANN, BEN]


@scenario
async def test_a_request_that_fails_lets_the_next_one_run():
    queue = Queue(at_once=1)
    ending, (failing,) = await queue.ask(ANN, fails=True)
    await queue.ask(BEN)
    ending.set()
    with pytest.raises(RuntimeError):
        await failing
    await let_others_run()
    assert queue.pages.running == [BEN]


@scenario
async def test_requests_are_refused_that_wait_for_too_long():
    queue = Queue(at_once=1, patience=0.01)
    ending, _ = await queue.ask(ANN)
    _, (waiting,) = await queue.ask(BEN)
    await waiting
    assert queue.statuses == [503]
    ending.set()
    await let_others_run()
    await queue.ask(CAT)
    assert queue.pages.running == [CAT]


@scenario
async def test_an_address_with_too_many_waiting_requests_is_refused_at_once():
    queue = Queue()
    await queue.ask(ANN, 2 + MAX_WAITING_OF_ADDRESS)
    assert queue.statuses == []
    await queue.ask(ANN)
    assert queue.statuses == [503]
    await queue.ask(BEN)
    assert BEN in queue.pages.running


@scenario
async def test_a_request_that_is_cancelled_leaves_the_queue():
    queue = Queue(at_once=1)
    ending, _ = await queue.ask(ANN)
    _, (cancelled,) = await queue.ask(BEN)
    await queue.ask(CAT)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    ending.set()
    await let_others_run()
    assert queue.pages.running == [CAT]
    assert queue.queue.waiting == {}


@scenario
async def test_a_turn_does_not_go_to_a_request_that_gives_up_at_the_same_moment():
    queue = Queue(at_once=1)
    ending, _ = await queue.ask(ANN)
    _, (cancelled,) = await queue.ask(BEN)
    await queue.ask(CAT)
    ending.set()
    cancelled.cancel()  # its turn comes before it can leave the queue
    await let_others_run()
    assert queue.pages.running == [CAT]
    assert queue.queue.running == {CAT[0]: 1}


@scenario
async def test_clients_without_an_address_have_no_limit_of_their_own():
    queue = Queue()
    await queue.ask(None, 10)
    assert queue.pages.running == [None] * 3
