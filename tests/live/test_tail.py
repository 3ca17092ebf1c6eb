"""A tail reads new lines once and steps its followers."""

import asyncio

import pytest

from chat.live import tail as tails
from chat.room.log import Counters
from tests.support.fake_log import FakeClock, FakeFollower, FakeLog, line, open_tail, ring
from tests.support.live import PATIENCE

pytestmark = pytest.mark.same_on_every_database


def test_new_rows_are_read_once_and_sent_as_one_batch():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        follower = FakeFollower(tail)
        log.rows += [line(2), line(3)]
        await ring(tail)
        assert follower.heard == [{"type": "tcp.send", "data": b"alice: 2\nalice: 3\n"}]
        await ring(tail)
        assert len(follower.heard) == 1

    asyncio.run(journey())


def test_lines_that_were_saved_here_are_sent_without_being_read():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        follower = FakeFollower(tail)
        log.broken = True
        tail.offer([line(2), line(3)])
        assert follower.heard == [{"type": "tcp.send", "data": b"alice: 2\nalice: 3\n"}]
        assert tail.recent.seen == 3

    asyncio.run(journey())


def test_lines_that_were_saved_here_wait_for_those_before_them():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        follower = FakeFollower(tail)
        log.rows += [line(2), line(3)]
        tail.offer([line(3)])
        assert follower.heard == []
        await tail.running
        assert follower.heard == [{"type": "tcp.send", "data": b"alice: 2\nalice: 3\n"}]

    asyncio.run(journey())


def test_a_line_that_was_offered_while_it_was_read_is_sent_once():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        follower = FakeFollower(tail)
        log.rows.append(line(2))
        read = log.read

        async def slowly(*args):
            rows = await read(*args)
            tail.offer([line(2)])
            return rows

        log.read = slowly
        await ring(tail)
        assert follower.heard == [{"type": "tcp.send", "data": b"alice: 2\n"}]

    asyncio.run(journey())


def test_lines_of_coming_and_going_wait_until_others_had_their_time(monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr(tails, "time", clock)

    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        follower = FakeFollower(tail)
        follower.takes = 10  # seconds for each step
        follower.clock = clock
        tail.offer([line(2, "entered")])
        tail.offer([line(3, "entered", "bob")])
        await asyncio.wait_for(tail.reach(3), PATIENCE)
        assert follower.cursor == 2
        tail.offer([line(4)])  # a message does not wait, and takes the lines before it along
        assert follower.cursor == 4
        tail.offer([line(5, "left", of=2)])
        assert follower.cursor == 4
        clock.now += 10
        tail.offer([line(6, "left", "bob", of=3)])
        assert follower.cursor == 6
        tail.offer([line(7, "entered")])
        assert follower.cursor == 6
        tail.flush()
        assert follower.cursor == 7

    asyncio.run(journey())


def test_lines_of_coming_are_sent_in_the_end_even_if_nobody_speaks(monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr(tails, "time", clock)

    async def journey():
        tail = await open_tail(FakeLog(line(1)))
        follower = FakeFollower(tail)
        follower.takes, follower.clock = 0.1, clock  # seconds for each step
        tail.offer([line(2)])
        tail.offer([line(3, "entered")])
        assert follower.cursor == 2
        while follower.cursor < 3:
            await asyncio.sleep(0.001)  # until the next look; the pause is real time

    asyncio.run(asyncio.wait_for(journey(), PATIENCE))


def test_no_follower_is_cut_because_many_people_enter_at_once(monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr(tails, "time", clock)

    async def journey():
        tail = await open_tail(FakeLog(line(1)))
        follower = FakeFollower(tail)
        follower.takes, follower.clock = 1000, clock  # seconds for each step
        for start in range(2, 3002, 500):
            tail.offer([line(seq, "entered", f"guest {seq}") for seq in range(start, start + 500)])
            assert follower.cursor >= tail.recent.oldest - 1
        tail.flush()
        heard = b"".join(event["data"] for event in follower.heard)
        assert heard.count(b"entered") == 3000

    asyncio.run(journey())


def test_a_lost_ring_is_found_by_comparing_the_counters():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        log.rows.append(line(2))
        tail.compare(Counters(2, 0))
        await tail.running
        assert tail.recent.seen == 2

    asyncio.run(journey())


def test_a_room_that_could_not_be_read_is_read_at_the_next_ring():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        log.rows.append(line(2))
        log.broken = True
        await ring(tail)
        assert tail.recent.seen == 1
        log.broken = False
        await ring(tail)
        assert tail.recent.seen == 2

    asyncio.run(journey())


def test_a_new_revision_reads_all_lines_again_and_loses_none():
    async def journey():
        log = FakeLog(line(1), line(2))
        tail = await open_tail(log)
        follower = FakeFollower(tail)
        log.rows = [line(1, name="deleted user"), line(2), line(3)]
        log.revision = 1
        tail.compare(Counters(3, 1))
        await tail.running
        assert tail.recent.between(0, 9)[0].name == "deleted user"
        assert follower.heard == [{"type": "tcp.send", "data": b"alice: 3\n"}]

    asyncio.run(journey())


def test_a_follower_that_fails_ends_alone():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        failed = []

        class Broken(FakeFollower):
            def step(self):
                raise RuntimeError

            def fail(self):
                failed.append(self)

        broken, sound = Broken(tail), FakeFollower(tail)
        log.rows.append(line(2))
        await ring(tail)
        assert failed == [broken]
        assert sound.cursor == 2

    asyncio.run(journey())


@pytest.mark.parametrize("asked", [1, 2])
def test_waiting_for_a_line_ends_when_it_is_in_memory(asked):
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        log.rows.append(line(2))
        await asyncio.wait_for(tail.reach(asked), PATIENCE)
        assert tail.recent.seen >= asked

    asyncio.run(journey())


@pytest.mark.parametrize("rest", [[7, 8, 9], []])
def test_lines_that_were_deleted_before_they_were_read_are_passed_over(rest):
    async def journey():
        log = FakeLog(line(1), line(2))
        tail = await open_tail(log)
        log.rows = [line(seq) for seq in rest]
        log.last = 9
        await ring(tail)
        tail.compare(Counters(9, log.revision))
        await ring(tail)
        assert tail.recent.seen == 9
        assert [one.seq for one in tail.recent.lines] == rest
        async with asyncio.timeout(PATIENCE):
            await tail.reach(9)
        log.rows.append(line(10))
        log.last = 10
        await ring(tail)
        assert tail.recent.seen == 10

    asyncio.run(journey())


def test_a_tail_keeps_the_lines_after_the_last_gap_of_a_log():
    async def journey():
        log = FakeLog(line(1), line(2), line(5), line(6))
        tail = await open_tail(log)
        assert (tail.recent.oldest, tail.recent.seen) == (5, 6)
        assert [one.seq for one in tail.recent.between(5, 6)] == [6]
        log.last = 8  # the last ones are missing
        tail = await open_tail(log)
        assert (tail.recent.oldest, tail.recent.lines) == (9, [])

    asyncio.run(journey())
