"""Looking at the next events of a text client before their turn."""

import asyncio

import pytest

from chat.consumers.read_ahead import MAX_AHEAD, ReadAhead

pytestmark = pytest.mark.same_on_every_database

END = {"type": "tcp.disconnect"}


def received(data):
    return {"type": "tcp.receive", "data": data}


def play(journey):
    """Run a journey with a queue of events, and what reads ahead there."""

    async def run():
        events = asyncio.Queue()
        ahead = ReadAhead(events.get)
        await journey(events, ahead)
        ahead.stop()

    asyncio.run(run())


async def look(ahead, times=10):
    """Look several times, with turns for the events in between; return the last result."""
    for _ in range(times):
        result = ahead.look()
        await asyncio.sleep(0)
    return result


def test_data_that_was_looked_at_still_comes_in_its_turn():
    async def journey(events, ahead):
        for data in (b"lo", b"ok\nlog", b"out"):
            events.put_nowait(received(data))
        assert not await look(ahead)
        assert ahead.kept_bytes == 11
        events.put_nowait(received(b"\n"))
        assert await look(ahead)
        events.put_nowait(received(b"more"))
        events.put_nowait(END)
        assert await ahead.event() == received(b"look\nlogout\n")
        assert not ahead.look()
        assert [await ahead.event(), await ahead.event()] == [received(b"more"), END]

    play(journey)


def test_the_end_of_the_connection_is_seen_and_comes_after_the_data():
    async def journey(events, ahead):
        events.put_nowait(received(b"look\n"))
        events.put_nowait(END)
        assert await look(ahead)
        assert [await ahead.event(), await ahead.event()] == [received(b"look\n"), END]

    play(journey)


def test_only_so_much_is_kept():
    async def journey(events, ahead):
        for _ in range(4):
            events.put_nowait(received(b"x" * MAX_AHEAD))
        await look(ahead)
        assert (ahead.kept_bytes, events.qsize()) == (MAX_AHEAD, 3)

    play(journey)


def test_an_event_that_was_looked_for_in_vain_comes_in_its_turn():
    async def journey(events, ahead):
        assert not await look(ahead)
        events.put_nowait(END)
        assert await ahead.event() == END

    play(journey)
