"""Networks that swallow everything. Clients behind them are removed from the list in time."""

import asyncio
import time

import pytest

from chat.servers.sockets import KEEPALIVE_IDLE
from tests.faults.judge import Expectations
from tests.faults.waiting import until

REMOVED_WITHIN = 45  # seconds


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "rate, pause, title",
    [
        (10, 0, ": thirty clients whose networks swallow everything"),
        (0, 0, " in a room where nobody speaks"),
        # A line that is under way when keepalive would have given up begins another 30 s.
        (0.2, KEEPALIVE_IDLE - 2, " in a room where nobody speaks until keepalive asks"),
    ],
)
def test_clients_with_a_dead_link_are_removed_in_time(play, figures, rate, pause, title):
    """F9: half-open links"""
    figures.fault = f"F9: half-open links{title}"

    async def scenario(site, crowd):
        await crowd.gather(45, 5)
        others = crowd.everybody
        members, guests = await crowd.gather(15, 15, prefix="gone")
        gone = members + guests
        await crowd.settle()
        start = time.monotonic()
        for client in gone:
            client.over = True
            client.cut()
        await asyncio.sleep(pause)  # the load: nobody says anything
        async with crowd.talking(rate, speakers=crowd.members[:10]):
            removed = await removal_times(gone, site.database, start)
        took = max(removed.values())
        figures.recovered = f"gone from the list after {took:.0f} s"
        await asyncio.gather(*(client.vanish() for client in gone))
        assert took < REMOVED_WITHIN, {name: time for name, time in removed.items() if time > 20}
        return Expectations(undisturbed=others)

    play(scenario)


async def removal_times(clients, database, since):
    """Return {name: seconds since a moment until the name was not listed any more}."""
    removed = {}

    def all_are_removed():
        listed = set(database.people())
        now = time.monotonic() - since
        names = {client.name for client in clients} - listed - removed.keys()
        removed.update(dict.fromkeys(names, now))
        return len(removed) == len(clients)

    await until(
        all_are_removed,
        lambda: f"still listed: {sorted(database.people())[:5]}",
        REMOVED_WITHIN + 30,
    )
    return removed
