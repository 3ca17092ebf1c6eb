"""The members of one candidate: it on one core, they on another."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.support.commands import PROJECT

AT_ONCE = 100  # who enter together, unless a candidate cannot have that


class Crowd:
    """The members in the room of a running candidate, as a process: see `tests.benchmarks.load`.

    When it is entered they enter; `entry` is what that was like. The load is kept on one core, and
    the candidate, if `pinned`, on another. `beside` has the pids of what serves it, {name: pids}.
    There may be `most` later, if that is given.
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
        self._load = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.load"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self._tell(self._order)
            self.grow(*self._first)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info):
        self._load.kill()
        with suppress(BrokenPipeError), self._load:
            pass  # it closes the pipes, and waits

    def grow(self, members, at_once):
        """Let more in, until they are so many; `entry` is then what that was like."""
        at_once = min(at_once, self._candidate.at_once)
        self.entry = self._ask("enter", members=members, at_once=at_once)

    def phase(self, **phase):
        """What it was like while they spoke; the arguments are those of `Load.phase`."""
        return self._ask("phase", **phase)

    def _tell(self, what):
        with suppress(BrokenPipeError):  # that it has ended is seen by its silence
            print(json.dumps(what), file=self._load.stdin, flush=True)

    def _ask(self, job, **arguments):
        self._tell([job, arguments])
        if not (answer := self._load.stdout.readline()):
            printed = getattr(self._candidate, "output", "")[-2_000:]
            raise RuntimeError(f"the load ended with {self._load.wait()}\n{printed}")
        return json.loads(answer)


def loaded(candidate, members, phases, **options):
    """(entry, [phase]): what a `Crowd` has seen of a running candidate."""
    with Crowd(candidate, members, **options) as crowd:
        return crowd.entry, [crowd.phase(**phase) for phase in phases]


def cores():
    """(the server's, the load's): the first two that we may use, or one and the same."""
    return (2 * sorted(os.sched_getaffinity(0)))[:2]


def pin(pid, core):
    """Keep a process and its threads on one core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):  # it may have ended meanwhile
            os.sched_setaffinity(int(thread.name), {core})
