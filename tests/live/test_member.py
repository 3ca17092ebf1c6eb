"""One member's connection: what it is sent, at once or when it can take it."""

import asyncio

import pytest

from chat.live.member import Connection, End
from chat.room.presence import Stay
from chat.wire import legacy as lines
from tests.support.fake_log import FakeLog, line, open_tail, ring


class Client:
    """Takes what it is sent, or, while `slow`, makes the sender wait."""

    def __init__(self):
        self.heard = b""
        self.slow = None  # what a sender waits for
        self.ended = []

    def hesitate(self):
        self.slow = asyncio.get_running_loop().create_future()

    def take_again(self):
        slow, self.slow = self.slow, None
        slow.set_result(None)

    async def send(self, event):
        self.heard += event["data"]
        if self.slow is not None:
            await self.slow

    def write(self, events):
        if self.slow is not None:
            return events
        for event in events:
            self.heard += event["data"]
        return ()


async def connected(log, write):
    tail = await open_tail(log)
    client = Client()
    stay = Stay(7, "alice", tail.seen)
    connection = Connection(
        stay,
        tail,
        None,
        wire=lines,
        send=client.send,
        write=client.write if write else None,
        close=client.ended.append,
    )
    connection.follow(tail.seen)
    return tail, client, connection


@pytest.mark.parametrize("write", [True, False])
def test_lines_go_out_at_once_to_a_client_that_takes_them(write):
    async def journey():
        log = FakeLog(line(1))
        tail, client, connection = await connected(log, write)
        tail.offer([line(2), line(3)])
        assert client.heard == b"alice: 2\nalice: 3\n"
        assert connection.cursor == 3
        assert connection.blocked_since is None

    asyncio.run(journey())


@pytest.mark.parametrize("write", [True, False])
def test_what_came_meanwhile_goes_out_as_one_batch_when_a_client_takes_again(write):
    async def journey():
        log = FakeLog(line(1))
        tail, client, connection = await connected(log, write)
        client.hesitate()
        for seq in (2, 3, 4):
            log.rows.append(line(seq))
            await ring(tail)
        assert connection.blocked_since is not None
        assert client.heard == b"alice: 2\n"
        client.take_again()
        await connection.drained()
        assert client.heard == b"alice: 2\nalice: 3\nalice: 4\n"
        assert connection.cursor == 4

    asyncio.run(journey())


@pytest.mark.parametrize("write", [True, False])
def test_a_server_that_stops_sends_all_that_there_is(write):
    async def journey():
        log = FakeLog(line(1))
        tail, client, connection = await connected(log, write)
        client.hesitate()
        tail.offer([line(2)])
        tail.offer([line(3)])
        connection.end(End.RESTART)
        client.take_again()
        await connection.drained()
        assert client.heard == b"alice: 2\nalice: 3\n"
        assert client.ended == [End.RESTART]

    asyncio.run(journey())


@pytest.mark.parametrize("write", [True, False])
def test_who_was_put_out_is_sent_nothing_more(write):
    async def journey():
        log = FakeLog(line(1))
        tail, client, connection = await connected(log, write)
        client.hesitate()
        tail.offer([line(2)])
        tail.offer([line(3)])
        connection.end(End.REMOVED)
        client.take_again()
        await connection.drained()
        tail.offer([line(4)])
        assert client.heard == b"alice: 2\n"

    asyncio.run(journey())


def test_an_event_loop_that_ends_while_a_client_hesitates_ends_quietly():
    async def journey():
        tail, client, connection = await connected(FakeLog(line(1)), True)
        complaints = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: complaints.append(context))
        client.hesitate()
        tail.offer([line(2)])
        connection._sending.cancel()
        await asyncio.wait([connection._sending])
        await asyncio.sleep(0)
        assert complaints == []
        assert connection.cursor == 1

    asyncio.run(journey())


def test_who_was_ended_before_following_is_sent_nothing():
    async def journey():
        log = FakeLog(line(1))
        tail, client, connection = await connected(log, True)
        connection.end(End.RESTART)
        connection.follow(0)
        tail.offer([line(2)])
        assert connection not in tail.followers
        assert client.heard == b""

    asyncio.run(journey())


def test_a_client_that_has_gone_is_sent_nothing_more():
    async def journey():
        log = FakeLog(line(1))
        tail, _, connection = await connected(log, True)

        def gone(events):
            raise ConnectionResetError

        connection._write = gone
        tail.offer([line(2)])
        assert connection.ended
        assert connection not in tail.followers

    asyncio.run(journey())
