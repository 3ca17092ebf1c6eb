"""Attacks from one address: what a calm member notices.

A member at another address says a line ten times a second, and waits for each to come back. Near
the end of the attack, another member and a guest come into the room.
"""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from statistics import quantiles

import psutil

from tests.benchmarks.attack_clients import ATTACKS
from tests.benchmarks.candidates import SiteCandidate
from tests.benchmarks.report import rows
from tests.benchmarks.running import cores, pin
from tests.support.clients import TextMember, WebMember
from tests.support.starts import PROJECT
from tests.support.strangers import CALM
from tests.support.waiting import PATIENCE

TARGET = 0.25  # seconds: the calm member's p99
SECONDS, QUICK_SECONDS = 8, 3  # of each attack
FIRST_SECOND = 1  # in which an attack begins, before the calm member is measured
INTERVAL = 0.1  # seconds between the lines of the calm member
ACCOUNTS = 10
NO_MAIL_SERVER = "smtp://127.0.0.1:9"  # that port refuses connections
MEGABYTE = 1 << 20


def measure(plan):
    """Return {"seconds", "target", "attacks": {name: figures}}; all times are in seconds."""
    seconds = QUICK_SECONDS if plan.quick else SECONDS
    measured = {}
    for name in ATTACKS:
        plan.say(f"attack: {name}")
        measured[name] = under_attack(name, seconds)
    return {"seconds": seconds, "target": TARGET, "attacks": measured}


def under_attack(name, seconds):
    """Run one attack against a server of its own, and return what the calm member noticed."""
    with SiteCandidate(accounts=ACCOUNTS, FLOOD_LIMIT="on", EMAIL_URL=NO_MAIL_SERVER) as site:
        for pid in site.pids:
            pin(pid, cores()[0])
        calm, newcomer, *attackers = site.cookies(ACCOUNTS)
        server = psutil.Process(site.process.pid)
        return asyncio.run(notice(site, server, calm, newcomer, attackers, name, seconds))


async def notice(site, server, calm, newcomer, attackers, name, seconds):
    member = WebMember(site, "calm", calm, address=CALM)
    await member.enter()
    await member.say("before the attack")
    before = server.memory_info().rss
    with attack(site, attackers, name):
        await asyncio.sleep(FIRST_SECOND)
        latencies, most = [], before
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            latencies.append(await seconds_to_say(member))
            most = max(most, server.memory_info().rss)
            await asyncio.sleep(max(0, INTERVAL - latencies[-1]))
        figures = {
            "lines": len(latencies),
            "p50": percentile(latencies, 50),
            "p99": percentile(latencies, 99),
            "longest": max(latencies),
            "megabytes": (most - before) / MEGABYTE,
            "page": await seconds_to_enter(WebMember(site, "new", newcomer, address=CALM)),
            "guest": await seconds_to_enter(TextMember(site, "new guest", address=CALM)),
        }
    await member.leave()
    return figures


@contextmanager
def attack(site, session_keys, name):
    """Let an attack go on in another process."""
    arguments = json.dumps(order(site, session_keys, name))
    command = [sys.executable, "-m", "tests.benchmarks.attack_clients", arguments]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "begun\n", f"the attack {name!r} did not begin"
        pin(process.pid, cores()[1])
        yield
    finally:
        process.kill()
        with process:
            pass  # closes the pipe and waits


def order(site, session_keys, name):
    """Return what the attackers have to know. `session_keys` are those of accounts that attack."""
    return {
        "attack": name,
        "url": site.url,
        "web_port": site.web_port,
        "legacy_port": site.legacy_port,
        "cookies": session_keys,
    }


async def seconds_to_say(member):
    start = time.perf_counter()
    await member.say("still calm")
    return time.perf_counter() - start


async def seconds_to_enter(member):
    """Return how long it takes to enter; None for somebody who is not let in."""
    start = time.perf_counter()
    try:
        answer = await asyncio.wait_for(member.enter(), PATIENCE)
    except (OSError, AssertionError, EOFError, TimeoutError):
        return None
    took = time.perf_counter() - start
    await member.leave()
    is_inside = answer == "Login Success" or (
        isinstance(answer, dict) and answer["type"] == "welcome"
    )
    return took if is_inside else None


def percentile(values, part):
    return quantiles(values, n=100, method="inclusive")[part - 1] if len(values) > 1 else values[0]


def tables(result):
    yield (
        f"Each attack goes on for {result['seconds']:.0f} s against a server of its own, with the "
        "limits at their defaults. Times are those of a member at another address, from saying a "
        "line until it comes back, and of people who come into the room during the attack."
    )
    yield ""
    yield from rows(
        ["attack", "p50", "p99", "longest", "a page enters", "a guest enters", "memory grows by"],
        [
            [
                name,
                milliseconds(each["p50"]),
                milliseconds(each["p99"]),
                milliseconds(each["longest"]),
                milliseconds(each["page"]),
                milliseconds(each["guest"]),
                f"{each['megabytes']:.0f} MB",
            ]
            for name, each in result["attacks"].items()
        ],
    )


def milliseconds(seconds):
    return "never" if seconds is None else f"{1000 * seconds:.0f} ms"
