"""Deliveries per second and memory per idle connection, beside the usual Channels chat.

    python -m tests.benchmarks.fanout [--members 500] [--speakers 16] [--seconds 5] [--rounds 3]

A delivery is one message that one member receives; each speaker has one message under way. The
candidates take turns, the server on one core and the load on another, and the medians are given
with their range, and as a ratio to the usual way in the same run.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from tests.servers import HOST, PROJECT, Server


class Usual(Server):
    """The idiomatic group consumer under Daphne."""

    def __init__(self):
        super().__init__("daphne")

    def _arguments(self):
        where = ["-b", HOST, "-p", str(self.web_port)]
        return ["-m", "daphne", *where, "tests.benchmarks.idiomatic:application"]

    def _await_ports(self):
        self._await_port(self.web_port)


CANDIDATES = {
    "usual Channels consumer, Daphne, nothing saved": Usual,
    "this site, runserver (Daphne), saved in SQLite": lambda: Server("runserver"),
    "this site, uvicorn, saved in SQLite": lambda: Server("uvicorn"),
}


def measure(make, members, speakers, seconds):
    """One round of one candidate; what the load client prints."""
    with make() as server:
        if isinstance(server, Usual):
            cookies = ["-"] * members
        else:
            made = json.loads(server.python("-m", "tests.make_members", str(members)))
            cookies = [session_key for _, session_key in made]
        pin(server.process.pid, 0)
        order = {
            "port": server.web_port,
            "cookies": cookies,
            "speakers": speakers,
            "seconds": seconds,
            "pid": server.process.pid,
        }
        load = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.load"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        pin(load.pid, 1)
        answer, _ = load.communicate(json.dumps(order), timeout=300)
        return json.loads(answer)


def pin(pid, core):
    """Keep a process and its threads on one core, where there are two."""
    if (os.cpu_count() or 1) > 1:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--members", type=int, default=500)
    parser.add_argument("--speakers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    results = {name: [] for name in CANDIDATES}
    for turn in range(options.rounds):
        for name, make in CANDIDATES.items():
            print(f"round {turn + 1} of {options.rounds}: {name}", file=sys.stderr, flush=True)
            results[name].append(measure(make, options.members, options.speakers, options.seconds))
    report(options, results)


def report(options, results):
    print(
        f"\n{options.members} members, {options.speakers} of them speaking, "
        f"{options.rounds} rounds of {options.seconds:g} s\n"
    )
    print("| candidate | deliveries/s, median (range) | ratio | KB per idle connection | client |")
    print("| --- | --- | --- | --- | --- |")
    base = None
    for name, rounds in results.items():
        rates = [each["deliveries"] / each["seconds"] for each in rounds]
        median = statistics.median(rates)
        base = base or median
        idle = statistics.median(each["idle_bytes"] for each in rounds) / 1024
        busy = max(each["cpu"] for each in rounds)
        print(
            f"| {name} | {median:,.0f} ({min(rates):,.0f} to {max(rates):,.0f}) "
            f"| {median / base:.0f} | {idle:.0f} | {busy:.0%} of a core |"
        )


if __name__ == "__main__":
    main()
