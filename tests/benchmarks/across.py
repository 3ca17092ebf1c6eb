"""How long a line takes from one process to members on another, with PostgreSQL and Redis.

Ten members on one server speak at a fixed rate together; the time is from the say to the line's
arrival, on the same server and on the other one, in the same run.
"""

import asyncio
import statistics
import time
from uuid import uuid4

from tests.benchmarks.processes import Cluster
from tests.benchmarks.report import rows
from tests.support.delivery import web_members
from tests.support.services import PostgreSQL, Redis

SPEAKERS = 10
RATE = 100  # messages a second, of all together


class Listener:
    """Notes when each line arrives at a member."""

    def __init__(self, member):
        self.arrived = {}
        apply = member.apply

        def note(lines):
            now = time.perf_counter()
            for line in lines:
                self.arrived.setdefault(line["client_id"], now)
            apply(lines)

        member.apply = note


async def run(here, there, rate, seconds):
    *speakers, near, far = web_members(here, SPEAKERS + 2, "speaker")
    far.server = there
    listeners = {"the same process": Listener(near), "another process": Listener(far)}
    for member in (*speakers, near, far):
        await member.enter()
    said = {}

    async def speak(member, number):
        start = time.perf_counter() + number / rate
        for turn in range(int(seconds * rate / SPEAKERS)):
            await asyncio.sleep(start + turn * SPEAKERS / rate - time.perf_counter())
            client_id = str(uuid4())
            said[client_id] = time.perf_counter()
            await member.send(type="say", text="as people write", client_id=client_id)

    await asyncio.gather(*(speak(member, number) for number, member in enumerate(speakers)))
    await speakers[0].say("the end")
    await far.until_said("the end")
    await near.until_said("the end")
    return {
        where: [1000 * (listener.arrived[client_id] - then) for client_id, then in said.items()]
        for where, listener in listeners.items()
    }


def measure(plan):
    """{where: {"p50", "p99", "longest"}}, in milliseconds."""
    seconds = 3 if plan.quick else 10
    plan.say("from one process to another")
    with (
        PostgreSQL() as postgresql,
        Redis() as bus,
        Cluster(postgresql, bus, 2) as processes,
    ):
        times = asyncio.run(run(*processes.sites, RATE, seconds))
    return {
        where: {
            "p50": statistics.median(took),
            "p99": statistics.quantiles(took, n=100)[98],
            "longest": max(took),
        }
        for where, took in times.items()
    }


def tables(result):
    yield f"At {RATE} messages/s, everything on the same cores."
    yield ""
    yield from rows(
        ["to members on", "median", "99 %", "longest"],
        [
            [where, f"{each['p50']:.1f} ms", f"{each['p99']:.1f} ms", f"{each['longest']:.0f} ms"]
            for where, each in result.items()
        ],
    )
