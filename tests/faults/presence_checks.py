"""Checks of who is present, in the tables and by the servers.

What is wrong is an AssertionError.
"""

import asyncio
import time
from collections import Counter

from tests.faults.waiting import until

# Seconds until the tables are right: the next beat, the grace, and a busy machine.
RIGHT_WITHIN = 45
# Everybody was told of their leaving, which happens after the commit. The second is shorter than
# the two looks after which a server removes people that it forgot.
ALL_LEFT_WITHIN = 1


async def until_presence_is_right(crowd, within=RIGHT_WITHIN):
    """Wait until the tables have exactly those who are connected. Return the seconds it took."""
    start = time.monotonic()
    while problems := presence_problems(crowd):
        assert time.monotonic() - start < within, f"wrong after {within} s: {problems}"
        print(f"{time.monotonic() - start:.1f} s: {problems}")
        await asyncio.sleep(0.5)  # until the next look
    return time.monotonic() - start


def presence_problems(crowd):
    """Return what is wrong with the tables as text, empty when they are right."""
    expected = Counter(client.name for client in connected(crowd))
    connections = Counter(crowd.site.database.connected_names())
    people = set(crowd.site.database.people())
    problems = {
        "gone, and still listed": people - set(expected),
        "connected, and not listed": set(expected) - people,
        "other numbers of connections": {
            name for name in people if connections[name] != expected[name]
        },
    }
    return "; ".join(
        f"{problem}: {len(names)}, {sorted(names)[:5]}"
        for problem, names in problems.items()
        if names
    )


def connected(crowd):
    """Return the clients that are in the room and whose link works."""
    return [
        client
        for client in [*crowd.members, *crowd.guests]
        if client.connected and not getattr(client, "cut_off", False)
    ]


async def assert_servers_agree(crowd):
    """Assert that every server lists the same people as the tables."""
    expected = {client.name for client in connected(crowd)}
    for server in crowd.site.servers:
        asker = next((m for m in crowd.members if m.connected and m.place is server), None)
        if asker is not None:
            names = await asker.look()
            assert len(names) == len(set(names)), "a name is listed twice"
            assert set(names) == expected, f"look: {set(names) ^ expected}"


async def until_nobody_is_present(database, within=ALL_LEFT_WITHIN):
    """Wait until the table of presence is empty, lost connections included."""
    await until(
        lambda: not database.people(),
        lambda: f"the room is not empty: {database.people()}",
        within,
    )


def assert_nobody_left(log):
    """Assert that no leaving was announced."""
    left = [line for line in log if line.kind == "left"]
    assert not left, f"announced: {len(left)}, {left[:3]}"
