"""A follower sends the lines of a tail at once, or when its client can take them."""

import asyncio

import pytest

from chat.live.cork import cork
from chat.live.follower import Follower
from chat.live.outlet import Outlet
from chat.wire import legacy
from tests.support.fake_log import FakeLog, line, open_tail, ring


class FakeClient:
    """A client that takes everything, or makes its sender wait while it `hesitates`."""

    def __init__(self):
        self.heard = b""
        self.waits = None  # the future that a sender waits for
        self.lagged = 0
        self.failed = 0

    def hesitate(self):
        self.waits = asyncio.get_running_loop().create_future()

    def take_again(self):
        waits, self.waits = self.waits, None
        waits.set_result(None)

    async def send(self, event):
        self.heard += event["data"]
        if self.waits is not None:
            await self.waits

    def write(self, events):
        if self.waits is not None:
            return events
        for event in events:
            self.heard += event["data"]
        return ()

    def outlet(self, write):
        return Outlet(send=self.send, write=write, on_lag=self.lag, on_error=self.fail)

    def lag(self):
        self.lagged += 1

    def fail(self):
        self.failed += 1


async def connect(log, write=True):
    """Return a tail, a client, and the follower between them; `write`: the server has that."""
    tail = await open_tail(log)
    client = FakeClient()
    outlet = client.outlet(write=client.write if write else None)
    follower = Follower(tail, tail.recent.seen, outlet, wire=legacy)
    follower.follow(tail.recent.seen)
    return tail, client, follower


both_ways = pytest.mark.parametrize("write", [True, False])


@both_ways
def test_lines_are_sent_at_once_to_a_client_that_takes_them(write):
    async def journey():
        tail, client, follower = await connect(FakeLog(line(1)), write)
        tail.offer([line(2), line(3)])
        assert client.heard == b"alice: 2\nalice: 3\n"
        assert follower.cursor == 3
        assert follower.blocked_since is None

    asyncio.run(journey())


@both_ways
def test_lines_that_come_while_a_client_hesitates_are_sent_as_one_batch(write):
    async def journey():
        log = FakeLog(line(1))
        tail, client, follower = await connect(log, write)
        client.hesitate()
        for seq in (2, 3, 4):
            log.rows.append(line(seq))
            await ring(tail)
        assert follower.blocked_since is not None
        assert client.heard == b"alice: 2\n"
        client.take_again()
        await follower.wait_drained()
        assert client.heard == b"alice: 2\nalice: 3\nalice: 4\n"
        assert follower.cursor == 4

    asyncio.run(journey())


@both_ways
def test_a_follower_that_drains_still_sends_the_lines_that_are_there(write):
    async def journey():
        tail, client, follower = await connect(FakeLog(line(1)), write)
        client.hesitate()
        tail.offer([line(2)])
        tail.offer([line(3)])
        follower.stop(drain=True)
        client.take_again()
        await follower.wait_drained()
        assert client.heard == b"alice: 2\nalice: 3\n"

    asyncio.run(journey())


@both_ways
def test_a_stopped_follower_sends_nothing_more(write):
    async def journey():
        tail, client, follower = await connect(FakeLog(line(1)), write)
        client.hesitate()
        tail.offer([line(2)])
        tail.offer([line(3)])
        follower.stop()
        client.take_again()
        await follower.wait_drained()
        tail.offer([line(4)])
        assert client.heard == b"alice: 2\n"

    asyncio.run(journey())


def test_an_event_loop_that_ends_while_a_client_hesitates_reports_no_error(caplog):
    complaints = []

    async def journey():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: complaints.append(context))
        tail, client, follower = await connect(FakeLog(line(1)))
        client.hesitate()
        tail.offer([line(2)])
        assert follower.blocked_since is not None
        return client, follower

    client, follower = asyncio.run(journey())  # cancels the send that waits
    assert complaints == []
    assert client.failed == 0
    assert follower.cursor == 1
    assert caplog.text == ""


def test_a_follower_that_was_stopped_before_it_followed_sends_nothing():
    async def journey():
        tail, client, follower = await connect(FakeLog(line(1)))
        follower.stop()
        follower.follow(0)
        tail.offer([line(2)])
        assert follower not in tail.followers
        assert client.heard == b""

    asyncio.run(journey())


def test_nothing_more_is_sent_to_a_client_that_has_gone():
    async def journey():
        def write(events):
            raise ConnectionResetError

        tail = await open_tail(FakeLog(line(1)))
        client = FakeClient()
        follower = Follower(tail, 1, client.outlet(write=write), wire=legacy)
        follower.follow(1)
        tail.offer([line(2)])
        assert follower.stopped
        assert follower not in tail.followers
        assert (client.lagged, client.failed) == (0, 0)

    asyncio.run(journey())


def test_a_client_whose_next_lines_were_deleted_begins_again_and_is_sent_nothing():
    async def journey():
        log = FakeLog(line(1))
        tail, client, follower = await connect(log)
        log.rows = [line(3)]
        await ring(tail)
        assert (client.heard, client.lagged, follower.cursor) == (b"", 1, 1)

    asyncio.run(journey())


@both_ways
def test_a_client_does_not_lag_because_a_commit_in_several_rooms_has_more_lines_than_are_kept(
    write,
):
    async def journey():
        tail, client, follower = await connect(FakeLog(line(1)), write)
        tail.keep(10)
        client.hesitate()
        with cork.in_place():
            tail.offer([line(seq) for seq in range(2, 32)])
        client.take_again()
        await follower.wait_delivered(31)
        assert client.heard == b"".join(b"alice: %d\n" % seq for seq in range(2, 32))
        assert client.lagged == 0

    asyncio.run(journey())


@both_ways
def test_all_that_is_held_back_is_written_where_something_has_to_come_after_it(write):
    async def journey():
        tail, client, follower = await connect(FakeLog(line(1)), write)
        with cork.in_place():
            tail.offer([line(seq, text="x" * 4000) for seq in range(2, 202)])  # several batches
            assert client.heard == b""
            cork.flush()
            assert follower.cursor == 201
            tail.offer([line(202)])
            assert follower.cursor == 201
        assert client.heard.endswith(b"alice: 202\n")
        assert client.heard.count(b"\n") == 201

    asyncio.run(journey())
