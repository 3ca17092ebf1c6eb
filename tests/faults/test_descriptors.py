"""A server runs out of file descriptors. Connected members go on, and it recovers by itself."""

import asyncio
import time
from contextlib import suppress

import pytest

from tests.faults.figures import spread
from tests.faults.guest import LOGGED_IN, ClientGuest
from tests.faults.judge import Expectations
from tests.support.make_members import letters
from tests.support.ports import HOST

LIMIT = 120  # descriptors
UNANSWERED_AFTER = 2  # seconds after which no answer is expected
USUAL_LINE = 2  # seconds


@pytest.mark.full
@pytest.mark.timeout(300)
def test_members_go_on_when_a_server_is_out_of_descriptors(play, figures):
    """F20: a server out of file descriptors."""

    async def scenario(site, crowd):
        (server,) = site.servers
        await crowd.gather(20, 10)
        start = time.monotonic()
        async with crowd.talking(50):
            writers = [
                (await asyncio.open_connection(HOST, port))[1]
                for port in [server.web_port, server.legacy_port] * 100
            ]
            await crowd.until_acknowledged(200)
            await assert_server_is_full(server)
            for writer in writers:
                writer.transport.abort()
            freed = time.monotonic()
            crowd.guests.append(await until_let_in(server))
            recovered = time.monotonic() - freed
            await crowd.until_acknowledged(50)
        await crowd.settle()
        durations = [message.duration for message in crowd.acknowledged(start)]
        figures.recovered = f"somebody new is in {recovered:.1f} s after it is over"
        figures.note(f"lines of those inside take {spread(durations)}")
        assert max(durations) < USUAL_LINE
        return Expectations(undisturbed=crowd.everybody)

    play(scenario, servers=1, nofile=LIMIT)


async def assert_server_is_full(server):
    """Assert that the server refuses a new guest, or does not answer."""
    guest = ClientGuest("early", server)
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(UNANSWERED_AFTER):
            await guest.enter()
    assert guest.reply != LOGGED_IN, "the server is not full"
    await guest.vanish()


async def until_let_in(server):
    """Return a guest that has tried again until it was let in."""
    for number in range(100):
        guest = ClientGuest(f"late{letters(number)}", server)
        with suppress(OSError):
            if await guest.enter() == LOGGED_IN:
                return guest
        await asyncio.sleep(0.1)  # a person who tries again
    raise AssertionError("nobody is let in any more")
