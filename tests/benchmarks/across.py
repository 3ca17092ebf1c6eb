"""The time that a line takes from one process to members on another, with PostgreSQL and Redis.

Ten members on one server speak at a fixed rate. The time is from saying a message to its arrival
at a member on the same server and at one on another server, in the same run.
"""

import asyncio
import json
import statistics
import time

from tests.benchmarks.processes import ServeCluster
from tests.benchmarks.report import rows
from tests.faults.member import ClientMember
from tests.faults.waiting import until
from tests.support.services import PostgreSQL, Redis

SPEAKERS = 10
RATE = 100  # messages a second, of all speakers together
SECONDS, QUICK_SECONDS = 10, 3


async def run(near, far, accounts, seconds):
    """Talk on the first server. Return {where: milliseconds of each message}."""
    *speakers, near_listener, far_listener = [
        ClientMember(name, session_key, [near]) for name, session_key in accounts
    ]
    far_listener.stay_with(far)
    listeners = {"the same process": near_listener, "another process": far_listener}
    for member in (*speakers, *listeners.values()):
        member.received.arrivals = {}
        await member.enter()
    messages = []

    async def speak(speaker, number):
        start = time.perf_counter() + number / RATE
        for turn in range(int(seconds * RATE / SPEAKERS)):
            due = start + turn * SPEAKERS / RATE
            await asyncio.sleep(due - time.perf_counter())  # the rate of the load
            messages.append(speaker.say("as people write"))

    await asyncio.gather(*(speak(speaker, number) for number, speaker in enumerate(speakers)))
    await until(lambda: all(message.seq for message in messages), "a message was not saved")
    last = max(message.seq for message in messages)
    for listener in listeners.values():
        await until(lambda listener=listener: listener.received.last >= last, "a line is missing")
    for member in (*speakers, *listeners.values()):
        await member.leave()
    return {
        where: [
            1000 * (listener.received.arrivals[message.seq] - message.said_at)
            for message in messages
        ]
        for where, listener in listeners.items()
    }


def measure(plan):
    """Return {where: {"p50", "p99", "longest"}}, in milliseconds."""
    plan.say("from one process to another")
    with (
        PostgreSQL() as postgresql,
        Redis() as bus,
        ServeCluster(postgresql, bus, 2) as cluster,
    ):
        near, far = cluster.sites
        made = near.python("-m", "tests.support.make_members", str(SPEAKERS + 2), "speaker")
        seconds = QUICK_SECONDS if plan.quick else SECONDS
        times = asyncio.run(run(near, far, json.loads(made), seconds))
    return {
        where: {
            "p50": statistics.median(took),
            "p99": statistics.quantiles(took, n=100)[98],
            "longest": max(took),
        }
        for where, took in times.items()
    }


def tables(result):
    yield f"At {RATE} messages/s, with everything on the same cores."
    yield ""
    yield from rows(
        ["to members on", "median", "99 %", "longest"],
        [
            [where, f"{each['p50']:.1f} ms", f"{each['p99']:.1f} ms", f"{each['longest']:.0f} ms"]
            for where, each in result.items()
        ],
    )
