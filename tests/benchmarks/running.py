"""One round of one candidate: it on one core, the load on another."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.servers import PROJECT

SERVER, LOAD = 0, 1  # cores
AT_ONCE = 100  # who enter together, unless a candidate cannot have that


def loaded(candidate, members, phases, *, at_once=None, core=SERVER, beside=None, entered=None):
    """(entry, [phase]): what the load reports of a running candidate; see `tests.benchmarks.load`.

    `core` is where the candidate is kept; None lets it have all of them. `beside` has the pids of
    what serves it, {name: pids}; `entered()` is called when everybody is in the room.
    """
    order = {
        "wire": candidate.wire,
        "ports": candidate.ports,
        "members": members,
        "cookies": candidate.cookies(members),
        "pids": {"server": candidate.pids, **(beside or {})},
        "core": LOAD if several_cores() else None,
        "at_once": at_once or candidate.at_once,
        "phases": phases,
    }
    if core is not None:
        for pid in candidate.pids:
            pin(pid, core)
    load = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.load"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with load:
        json.dump(order, load.stdin)
        load.stdin.close()
        measured = []
        for line in load.stdout:
            measured.append(json.loads(line))
            if len(measured) == 1 and entered is not None:
                entered()
    if load.returncode or len(measured) != 1 + len(phases):
        raise RuntimeError(f"the load ended with {load.returncode}")
    entry, *phases = measured
    return entry, phases


def pin(pid, core):
    """Keep a process and its threads on one core, where there are several."""
    if several_cores():
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})


def several_cores():
    return len(os.sched_getaffinity(0)) > 1
