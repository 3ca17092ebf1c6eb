"""Runs a candidate on one core and its members, the load, on another."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.support.starts import PROJECT

AT_ONCE = 100  # members that enter together, unless a candidate cannot have that


class LoadProcess:
    """The process `tests.benchmarks.load` with the members of a running candidate.

    The members enter on `with`, and `entry` is the report of that. The load is kept on one core,
    and the candidate, if `pinned`, on another. `beside` has the pids of the services that the
    candidate uses, {name: pids}. `most` is the number of members that may enter later.
    """

    def __init__(self, candidate, members, *, most=None, at_once=AT_ONCE, pinned=True, beside=None):
        self._first = members, at_once
        self._candidate = candidate
        self._pinned = pinned
        self._cores = dict(zip(("server", "load"), cores(), strict=True))
        self._order = {
            "wire": candidate.wire,
            "ports": candidate.ports,
            "cookies": candidate.cookies(most or members),
            "pids": {"server": candidate.pids, **(beside or {})},
            "cores": self._cores,
        }

    def __enter__(self):
        if self._pinned:
            for pid in self._candidate.pids:
                pin(pid, self._cores["server"])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.load"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self._send(self._order)
            self.grow(*self._first)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info):
        self._process.kill()
        with suppress(BrokenPipeError), self._process:
            pass  # closes the pipes and waits

    def grow(self, members, at_once):
        """Let more members enter, until there are `members`."""
        at_once = min(at_once, self._candidate.at_once)
        self.entry = self._ask("enter", members=members, at_once=at_once)

    def phase(self, **arguments):
        """Let members talk, and return the report of `Load.phase`."""
        return self._ask("phase", **arguments)

    def _send(self, message):
        with suppress(BrokenPipeError):  # the missing answer shows that it has ended
            print(json.dumps(message), file=self._process.stdin, flush=True)

    def _ask(self, job, **arguments):
        self._send([job, arguments])
        if not (answer := self._process.stdout.readline()):
            printed = getattr(self._candidate, "output", "")[-2_000:]
            raise RuntimeError(f"the load ended with {self._process.wait()}\n{printed}")
        return json.loads(answer)


def load_on(candidate, members, phases, **options):
    """Run phases on a running candidate. Return (entry, [report of each phase])."""
    with LoadProcess(candidate, members, **options) as load:
        return load.entry, [load.phase(**phase) for phase in phases]


def cores():
    """Return (the server's core, the load's), the same one where there is only one."""
    return (2 * sorted(os.sched_getaffinity(0)))[:2]


def pin(pid, core):
    """Keep a process and its threads on one core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):  # the thread may have ended
            os.sched_setaffinity(int(thread.name), {core})
