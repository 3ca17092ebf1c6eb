"""Notices are sent at once, or the newest of each kind when the client takes them again."""

import asyncio

from chat.live.outbox import Outbox
from chat.live.outlet import Outlet
from tests.support.live import PATIENCE


class FakeClient:
    """A client that takes everything, or makes its sender wait while it `hesitates`."""

    def __init__(self):
        self.heard = []
        self.waits = None
        self.unblocked = self.failed = 0

    def write(self, events):
        if self.waits is not None:
            return events
        self.heard += events
        return ()

    async def send(self, event):
        await self.waits
        self.heard.append(event)

    def outbox(self):
        self.outlet = Outlet(
            send=self.send,
            write=self.write,
            on_lag=self.note_failure,
            on_error=self.note_failure,
            on_unblocked=self.note_unblocked,
        )
        return Outbox(self.outlet)

    def note_unblocked(self):
        self.unblocked += 1
        self.box.flush()

    def note_failure(self):
        self.failed += 1


def client():
    made = FakeClient()
    made.box = made.outbox()
    return made


def test_events_are_sent_at_once_to_a_client_that_takes_them():
    alice = client()
    alice.box.put("room 1", "one")
    alice.box.put("room 1", "two")
    assert alice.heard == ["one", "two"]


def test_the_newest_event_of_each_key_waits_until_something_else_was_sent():
    alice = client()
    alice.outlet.waiting = 1
    for key, event in (("room 1", "one"), ("room 2", "two"), ("room 1", "three")):
        alice.box.put(key, event)
    assert alice.heard == []
    alice.outlet.waiting = 0
    alice.box.flush()
    assert alice.heard == ["two", "three"]


def test_events_wait_for_a_client_that_hesitates_and_come_in_their_order():
    async def journey():
        alice = client()
        alice.waits = asyncio.get_running_loop().create_future()
        for number in range(3):
            alice.box.put("room 1", number)
        assert alice.box.blocked_since is not None
        waits, alice.waits = alice.waits, None
        waits.set_result(None)
        await alice.box.wait_drained()
        assert alice.heard == [0, 2]
        assert (alice.box.blocked_since, alice.outlet.waiting) == (None, 0)
        assert (alice.unblocked, alice.failed) == (1, 0)

    asyncio.run(asyncio.wait_for(journey(), PATIENCE))


def test_a_stopped_outbox_sends_nothing():
    alice = client()
    alice.box.stop()
    alice.box.put("room 1", "one")
    assert alice.heard == []


def test_nothing_more_is_sent_to_a_client_that_has_gone():
    alice = client()

    def write(events):
        raise ConnectionResetError

    alice.write = write
    box = alice.outbox()
    box.put("room 1", "one")
    alice.write = alice.heard.extend
    box.put("room 1", "two")
    assert (alice.heard, alice.failed) == ([], 0)
