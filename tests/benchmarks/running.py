"""One round of one candidate: it on one core, the load on another."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.servers import PROJECT

AT_ONCE = 100  # who enter together, unless a candidate cannot have that


def loaded(candidate, members, phases, *, at_once=AT_ONCE, pinned=True, beside=None, quiet=None):
    """(entry, [phase]): what the load reports of a running candidate; see `tests.benchmarks.load`.

    The load is kept on one core, and the candidate, if `pinned`, on another. `beside` has the pids
    of what serves it, {name: pids}; `quiet()` is called while nobody speaks: when everybody is in
    the room, and after each phase.
    """
    server_core, load_core = cores()
    order = {
        "wire": candidate.wire,
        "ports": candidate.ports,
        "members": members,
        "cookies": candidate.cookies(members),
        "pids": {"server": candidate.pids, **(beside or {})},
        "core": load_core,
        "at_once": min(at_once, candidate.at_once),
        "phases": phases,
    }
    if pinned:
        for pid in candidate.pids:
            pin(pid, server_core)
    load = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.load"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with load:
        try:
            print(json.dumps(order), file=load.stdin, flush=True)
            measured = []
            for line in load.stdout:
                measured.append(json.loads(line))
                if quiet is not None:
                    quiet()
                print(file=load.stdin, flush=True)  # it may go on
        except BaseException:
            load.kill()  # or it would be waited for
            raise
    if load.returncode or len(measured) != 1 + len(phases):
        printed = getattr(candidate, "output", "")[-2_000:]
        raise RuntimeError(f"the load ended with {load.returncode}\n{printed}")
    entry, *phases = measured
    return entry, phases


def cores():
    """(the server's, the load's): the first two that we may use, or one and the same."""
    return (2 * sorted(os.sched_getaffinity(0)))[:2]


def pin(pid, core):
    """Keep a process and its threads on one core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):  # it may have ended meanwhile
            os.sched_setaffinity(int(thread.name), {core})
