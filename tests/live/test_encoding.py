"""The recent lines in memory, and their encoded forms."""

import asyncio

from chat.live import encoding
from chat.live.recent import KEPT_LINES, SLACK
from chat.models import Person
from chat.wire import frames, legacy
from tests.support.fake_log import FakeFollower, FakeLog, line, open_tail, ring


def test_a_follower_that_lags_is_sent_bounded_batches(monkeypatch):
    monkeypatch.setattr(encoding, "BATCH_BYTES", 100)

    async def journey():
        log = FakeLog(*(line(seq, text="x" * 30) for seq in range(1, 11)), line(11, text="y" * 300))
        tail = await open_tail(log)
        ends, cursor = [], 0
        while cursor < 11:
            events, cursor = tail.encoder.batch(legacy, cursor)
            ends.append((cursor, sum(len(event["data"]) for event in events)))
        assert ends == [(2, 76), (4, 76), (6, 76), (8, 76), (10, 76), (11, 308)]

    asyncio.run(journey())


def test_a_removed_message_is_removed_from_the_cached_lines_too():
    async def journey():
        log = FakeLog(line(1, text="regrettable"))
        tail = await open_tail(log)
        (before,) = tail.encoder.encode(frames, tail.recent.between(0, 1))
        assert b"regrettable" in before
        log.rows.append(line(2, "removed", "bob", of=1))
        await ring(tail)
        (after,) = tail.encoder.encode(frames, tail.recent.between(0, 1))
        assert b"regrettable" not in after
        assert b'"removed":true' in after

    asyncio.run(journey())


def test_a_change_reaches_the_message_and_what_shows_it_in_the_cached_lines():
    async def journey():
        reply = line(2, text="yes", of=1)._replace(quote={"name": "alice", "text": "old words"})
        log = FakeLog(line(1, text="old words"), reply, line(3, "edited", text="old words", of=1))
        tail = await open_tail(log)
        before = b"".join(tail.encoder.encode(frames, tail.recent.between(0, 3)))
        assert before.count(b"old words") == 3
        log.rows.append(line(4, "edited", text="new words", of=1))
        await ring(tail)
        after = b"".join(tail.encoder.encode(frames, tail.recent.between(0, 4)))
        assert (after.count(b"old words"), after.count(b"new words")) == (0, 4)

    asyncio.run(journey())


def test_lines_that_refer_to_forgotten_ones_are_forgotten_too():
    async def journey():
        log = FakeLog(line(1, text="old words"), line(2, "edited", text="x", of=1))
        tail = await open_tail(log)
        last = round(KEPT_LINES * (1 + 2 * SLACK))
        log.rows += [line(seq) for seq in range(3, last)]
        log.rows.append(line(last, "edited", text="new words", of=1))
        await ring(tail)
        shown = tail.recent.between(0, last)
        assert [each.seq for each in shown if each.text == "new words"] == [last]

    asyncio.run(journey())


def test_lines_that_are_not_in_memory_are_encoded_but_not_cached():
    async def journey():
        tail = await open_tail(FakeLog(line(8), line(9)))
        old = line(3, text="since removed")
        assert b"since removed" in tail.encoder.encode(frames, [old])[0]
        gone = old._replace(text="", removed=True)
        assert b"since removed" not in tail.encoder.encode(frames, [gone])[0]
        # Read from the database before it was removed here: out of date, and not kept either.
        stale = line(9, text="stale")
        tail.encoder.encode(frames, [stale])
        assert b"stale" not in tail.encoder.encode(frames, tail.recent.between(8, 9))[0]

    asyncio.run(journey())


def test_the_people_are_known_at_any_line_in_memory():
    async def journey():
        log = FakeLog(line(1, "entered", "alice"), line(2, "entered", "bob"))
        log.people = {1: Person("alice", False), 2: Person("bob", False)}
        tail = await open_tail(log)
        log.rows += [line(3, "left", "alice", of=1), line(4, "entered", "carol")]
        await ring(tail)
        names = {seq: [person.name for person in tail.recent.people_at(seq)] for seq in (2, 3, 4)}
        assert names == {2: ["alice", "bob"], 3: ["bob"], 4: ["bob", "carol"]}

    asyncio.run(journey())


def test_the_memory_is_bounded_whatever_is_said():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        FakeFollower(tail)
        FakeFollower(tail, frames)
        for start in range(2, 3000, 300):
            log.rows += [line(seq) for seq in range(start, start + 300)]
            await ring(tail)
        assert len(tail.recent.lines) <= KEPT_LINES * (1 + SLACK)
        assert 0 < tail.encoder.cached_lines <= len(tail.recent.lines)
        for cursor in range(tail.recent.seen - 100, tail.recent.seen):
            tail.encoder.batch(legacy, cursor)
        assert 0 < tail.encoder.cached_batches <= encoding.BATCHES

    asyncio.run(journey())


def test_a_tail_that_keeps_few_lines_still_sends_all_that_it_reads_at_once():
    async def journey():
        log = FakeLog(line(1))
        tail = await open_tail(log)
        follower = FakeFollower(tail)
        log.rows += [line(seq) for seq in range(2, 700)]
        await ring(tail)
        tail.keep(100)
        assert 100 <= len(tail.recent.lines) <= 100 * (1 + SLACK)
        log.rows += [line(seq) for seq in range(700, 1100)]
        await ring(tail)
        assert follower.cursor == tail.recent.seen == 1099
        assert b"".join(event["data"] for event in follower.heard).count(b"\n") == 1098
        assert len(tail.recent.lines) <= 100 * (1 + SLACK)

    asyncio.run(journey())
