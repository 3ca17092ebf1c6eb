"""Looking at the next event of a connection before its turn."""

import asyncio

import pytest

from chat.consumers.read_ahead import MAX_AHEAD, ReadAhead

pytestmark = pytest.mark.same_on_every_database


def test_events_that_were_looked_at_still_come_in_their_turn():
    async def read():
        events = asyncio.Queue()
        ahead = ReadAhead(events.get)
        assert list(ahead.peek()) == []
        for number in range(MAX_AHEAD + 2):
            events.put_nowait(number)
        while len(seen := ahead.peek()) < MAX_AHEAD:
            await asyncio.sleep(0)
        assert list(seen) == list(range(MAX_AHEAD))
        await asyncio.sleep(0)
        ahead.peek()
        assert events.qsize() == 2  # no more are kept
        assert [await ahead.event() for _ in range(MAX_AHEAD + 2)] == list(range(MAX_AHEAD + 2))

    asyncio.run(read())


def test_an_event_that_was_looked_for_in_vain_comes_in_its_turn():
    async def read():
        events = asyncio.Queue()
        ahead = ReadAhead(events.get)
        assert list(ahead.peek()) == []
        waiting = asyncio.ensure_future(ahead.event())
        await asyncio.sleep(0)
        events.put_nowait("first")
        assert await waiting == "first"
        ahead.peek()
        ahead.stop()

    asyncio.run(read())
