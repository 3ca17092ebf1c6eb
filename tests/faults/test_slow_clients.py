"""Clients stop reading. They are disconnected, and nobody else notices."""

import asyncio
import time
from contextlib import asynccontextmanager
from statistics import median
from uuid import uuid4

import pytest

from tests.faults import websocket
from tests.faults.arrivals import line_times, listen
from tests.faults.figures import allowed, percentile_99, spread
from tests.faults.guest import ClientGuest
from tests.faults.judge import Expectations
from tests.faults.waiting import until

DISCONNECTED_WITHIN = 45  # seconds
SLOW_CODES = {4008, websocket.ABNORMAL_CLOSURE}
MEMORY = 64 << 20  # bytes that those who do not read may cost
USUAL_LINE = 2  # seconds for everybody else: far less than a wait for those who do not read


@pytest.mark.timeout(300)
def test_clients_that_stop_reading_are_disconnected_and_nobody_else_notices(play, figures, full):
    """F8: fifty who stop reading, half of them still writing."""
    others, member_count, guest_count = (90, 25, 25) if full else (40, 10, 10)
    figures.fault = f"F8: {member_count + guest_count} stop reading, half of them still writing"

    async def scenario(site, crowd):
        await crowd.gather(others)
        readers = list(crowd.members)
        listeners = listen(crowd)
        # Their kernels buffer little, so that it soon shows that they do not read.
        members, guests = await crowd.gather(
            member_count, guest_count, prefix="deaf", receive_buffer=websocket.SMALL_BUFFER
        )
        slow = members + guests
        memory = total_memory(site)
        async with crowd.talking(20, speakers=readers[2:22], length=2000):
            await crowd.until_acknowledged(40)
            start = time.monotonic()
            for client in slow:
                transport_of(client).pause_reading()
            async with in_background(write(slow[::2])), highest_memory(site) as samples:
                await until(
                    lambda: not still_connected(slow, site.database),
                    lambda: f"connected: {still_connected(slow, site.database)[:5]}",
                    allowed(DISCONNECTED_WITHIN, full) + 15,
                )
                took = time.monotonic() - start
        times = line_times(crowd, listeners, start)
        await read_again(members, guests)
        await crowd.settle()
        grown = max(samples) - memory
        figures.recovered = f"cut after {took:.0f} s; the others' lines take {spread(times)}"
        figures.note(f"{grown / (1 << 20):+.0f} MB at most")
        assert took < allowed(DISCONNECTED_WITHIN, full)
        # Beside other tests some lines wait for the processor. If all waited for those who do not
        # read, half of them would wait for longer than this.
        typical, limit = (percentile_99, USUAL_LINE) if full else (median, 4 * USUAL_LINE)
        assert typical(times) < limit, f"others waited: {spread(times)}"
        assert grown < MEMORY
        for member in members:
            assert member.ends[0].code in SLOW_CODES, member.ends
        assert all(guest.was_reset for guest in guests), [g for g in guests if not g.was_reset]
        names = {client.name for client in slow}
        return Expectations(undisturbed=readers, may_say_unasked=lambda name: name in names)

    play(scenario)


def transport_of(client):
    """Return the transport of a client, or None for a member that is away."""
    connection = client if isinstance(client, ClientGuest) else client.link
    return connection and connection.transport


async def read_again(members, guests):
    """Let everybody read, and so notice the end of the connection.

    Members that were writing may have noticed it already, and be away.
    """
    for client in [*members, *guests]:
        transport = transport_of(client)
        if transport is not None and not transport.is_closing():
            transport.resume_reading()

    def open_members():
        return [member for member in members if not member.ends]

    await until(lambda: not open_members(), lambda: f"not closed: {open_members()[:5]}")
    await until(lambda: all(guest.closed for guest in guests), "a guest is not closed")


async def write(clients):
    """Ask and say something ten times a second, without reading the answers."""
    number = 0
    while True:
        number += 1
        for client in clients:
            if isinstance(client, ClientGuest):
                client.write(f"say {client.name} writes {number}")
            else:
                client.send(type="look")
                text = f"{client.name} {number}"
                client.send(type="say", text=text, client_id=str(uuid4()))
        await asyncio.sleep(0.1)  # the rate of the load


@asynccontextmanager
async def in_background(coroutine):
    """Run a coroutine until the block ends."""
    task = asyncio.create_task(coroutine)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def highest_memory(site):
    """Sample the memory of all servers while the block runs. Yields the list of samples."""
    samples = [total_memory(site)]

    async def sample():
        while True:
            samples.append(total_memory(site))
            await asyncio.sleep(0.5)  # the rate of the measurement

    async with in_background(sample()):
        yield samples


def total_memory(site):
    return sum(server.usage().memory for server in site.servers)


def still_connected(clients, database):
    """Return the clients whose first connection the server still has.

    Members that write notice its end, and may have reconnected.
    """
    names = database.connected_names()
    return [one for one in clients if one.name in names and not getattr(one, "ends", None)]
