"""The end of a log in memory: what followers are sent, and what is kept."""

import asyncio

import pytest

from chat.live import tail as tails
from chat.models import Person
from chat.room import transcript
from chat.wire import frames
from chat.wire import legacy as lines
from tests.support.fake_log import FakeClock, FakeFollower, FakeLog, line, open_tail, ring


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
        assert tail.seen == 3

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


def test_who_came_and_went_waits_until_others_had_their_time(monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr(tails, "time", clock)

    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        follower = FakeFollower(tail)
        follower.takes = 10  # seconds, each time
        follower.clock = clock
        tail.offer([line(2, "entered")])
        tail.offer([line(3, "entered", "bob")])
        await asyncio.wait_for(tail.reach(3), 5)
        assert follower.cursor == 2
        tail.offer([line(4)])  # somebody speaks: that does not wait, nor what is before it
        assert follower.cursor == 4
        tail.offer([line(5, "left", of=2)])
        assert follower.cursor == 4
        clock.now += 10
        tail.offer([line(6, "left", "bob", of=3)])
        assert follower.cursor == 6
        tail.offer([line(7, "entered")])
        assert follower.cursor == 6
        tail._timer.cancel()

    asyncio.run(journey())


def test_who_came_is_told_in_the_end_though_nobody_speaks():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        follower = FakeFollower(tail)
        tail._rested = tails.time.monotonic() + 0.5
        tail.offer([line(2, "entered")])
        assert follower.cursor == 1
        while follower.cursor < 2:
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(journey(), 10))


def test_nobody_is_cut_because_many_come_at_once():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        follower = FakeFollower(tail)
        for start in range(2, 3002, 500):
            tail._rested = tails.time.monotonic() + 1000
            tail.offer([line(seq, "entered", f"guest {seq}") for seq in range(start, start + 500)])
            assert follower.cursor >= tail.oldest - 1
        tail.settle()
        heard = b"".join(event["data"] for event in follower.heard)
        assert heard.count(b"entered") == 3000

    asyncio.run(journey())


def test_who_lags_far_is_brought_on_in_bounded_batches(monkeypatch):
    monkeypatch.setattr(tails, "BATCH_BYTES", 100)

    async def journey():
        log = FakeLog(*(line(seq, text="x" * 30) for seq in range(1, 11)), line(11, text="y" * 300))
        tail = await open_tail(log)
        ends, cursor = [], 0
        while cursor < 11:
            events, cursor = tail.batch(lines, cursor)
            ends.append((cursor, sum(len(event["data"]) for event in events)))
        assert ends == [(2, 76), (4, 76), (6, 76), (8, 76), (10, 76), (11, 308)]

    asyncio.run(journey())


def test_a_ring_that_was_lost_is_made_up_by_the_counters():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        log.rows.append(line(2))
        tail.compare(transcript.Counters(2, 0))
        await tail.running
        assert tail.seen == 2

    asyncio.run(journey())


def test_a_database_that_is_away_is_asked_again_at_the_next_ring():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        log.rows.append(line(2))
        log.broken = True
        await ring(tail)
        assert tail.seen == 1
        log.broken = False
        await ring(tail)
        assert tail.seen == 2

    asyncio.run(journey())


def test_a_new_revision_reads_the_lines_anew_and_loses_none():
    async def journey():
        log = FakeLog(line(1), line(2))
        tail = await open_tail(log)
        follower = FakeFollower(tail)
        log.rows = [line(1, name="deleted user"), line(2), line(3)]
        log.revision = 1
        tail.compare(transcript.Counters(3, 1))
        await tail.running
        assert tail.between(0, 9)[0].name == "deleted user"
        assert follower.heard == [{"type": "tcp.send", "data": b"alice: 3\n"}]

    asyncio.run(journey())


def test_a_removed_message_is_a_tombstone_in_memory_and_in_what_was_encoded():
    async def journey():
        log = FakeLog(line(1, text="regrettable"))
        tail = await open_tail(log)
        (before,) = tail.encode(frames, tail.between(0, 1))
        assert b"regrettable" in before
        log.rows.append(line(2, "removed", "bob", of=1))
        await ring(tail)
        (after,) = tail.encode(frames, tail.between(0, 1))
        assert b"regrettable" not in after
        assert b'"removed":true' in after

    asyncio.run(journey())


def test_lines_that_are_not_in_memory_are_encoded_and_not_kept():
    async def journey():
        tail = await open_tail(FakeLog(line(8), line(9)))
        old = line(3, text="since removed")
        assert b"since removed" in tail.encode(frames, [old])[0]
        gone = old._replace(text="", removed=True)
        assert b"since removed" not in tail.encode(frames, [gone])[0]
        # Read from the database before it was removed here: out of date, and not kept either.
        stale = line(9, text="stale")
        tail.encode(frames, [stale])
        assert b"stale" not in tail.encode(frames, tail.between(8, 9))[0]

    asyncio.run(journey())


def test_who_is_here_is_told_as_of_any_line_in_memory():
    async def journey():
        log = FakeLog(line(1, "entered", "alice"), line(2, "entered", "bob"))
        log.people = {1: Person("alice", False), 2: Person("bob", False)}
        tail = await open_tail(log)
        log.rows += [line(3, "left", "alice", of=1), line(4, "entered", "carol")]
        await ring(tail)
        names = {seq: [person.name for person in tail.people_at(seq)] for seq in (2, 3, 4)}
        assert names == {2: ["alice", "bob"], 3: ["bob"], 4: ["bob", "carol"]}

    asyncio.run(journey())


def test_memory_is_bounded_whatever_is_said():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        FakeFollower(tail)
        FakeFollower(tail, frames)
        for start in range(2, 3000, 300):
            log.rows += [line(seq) for seq in range(start, start + 300)]
            await ring(tail)
        assert len(tail.lines) <= tails.KEPT + tails.SLACK
        assert all(len(encoded) <= len(tail.lines) for encoded in tail._encoded.values())
        for cursor in range(tail.seen - 100, tail.seen):
            tail.batch(lines, cursor)
        assert len(tail._batches) <= tails.BATCHES

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


def test_a_gap_in_the_log_is_never_passed_over():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        log.rows.append(line(3))
        await ring(tail)
        assert tail.seen == 1

    asyncio.run(journey())


@pytest.mark.parametrize("asked", [1, 2])
def test_waiting_for_a_line_ends_when_it_is_in_memory(asked):
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        log.rows.append(line(2))
        await asyncio.wait_for(tail.reach(asked), 5)
        assert tail.seen >= asked

    asyncio.run(journey())
