"""One round of one candidate: it on one core, the load on another."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.servers import PROJECT

AT_ONCE = 100  # who enter together, unless a candidate cannot have that


class Crowd:
    """The members in the room of a running candidate, as a process: see `tests.benchmarks.load`.

    When it is entered so are they; `entry` is what that was like. The load is kept on one core, and
    the candidate, if `pinned`, on another. `beside` has the pids of what serves it, {name: pids}.
    """

    def __init__(self, candidate, members, *, at_once=AT_ONCE, pinned=True, beside=None):
        self._candidate = candidate
        self._pinned = pinned
        self._server_core, load_core = cores()
        self._order = {
            "wire": candidate.wire,
            "ports": candidate.ports,
            "members": members,
            "cookies": candidate.cookies(members),
            "pids": {"server": candidate.pids, **(beside or {})},
            "core": load_core,
            "at_once": min(at_once, candidate.at_once),
        }

    def __enter__(self):
        if self._pinned:
            for pid in self._candidate.pids:
                pin(pid, self._server_core)
        self._load = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.load"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self.entry = self._ask(self._order)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info):
        self._load.kill()
        with suppress(BrokenPipeError), self._load:
            pass  # it closes the pipes, and waits

    def phase(self, **phase):
        """What it was like while they spoke; the arguments are those of `Load.phase`."""
        return self._ask(phase)

    def _ask(self, what):
        with suppress(BrokenPipeError):
            print(json.dumps(what), file=self._load.stdin, flush=True)
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
