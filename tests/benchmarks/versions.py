"""This version beside another one, such as the version before a change, in the same rounds.

    git worktree add ../before REVISION
    python -m tests.benchmarks --only versions --before ../before --rounds 4

The other version is a checkout with its own code and a database of its own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.candidates import ACCOUNTS, SiteCandidate
from tests.benchmarks.databases import environment
from tests.benchmarks.fanout import MEMBERS, take_turns
from tests.benchmarks.inside import DjangoProcess
from tests.benchmarks.report import (
    RATIO_COLUMNS,
    by_round,
    count,
    each_core_second,
    middle,
    rates,
    rows,
)
from tests.support.databases import lasting_folder
from tests.support.starts import PROJECT

IN_FLIGHT = (8, 16, 64)
QUICK_IN_FLIGHT = (16,)
HERE, BEFORE = "this version", "the other version"
WIRES = ("web", "legacy")
MAKE_MEMBERS = PROJECT / "tests" / "support" / "make_members.py"


class OtherVersion(SiteCandidate):
    """Another checkout of this project, on SQLite."""

    def __init__(self, folder, wire, accounts=None):
        url = f"sqlite:///{lasting_folder() / 'before.sqlite3'}"
        self._run(folder, url, "manage.py", "migrate", "--verbosity", "0")
        # -P: modules beside the script would hide modules of Python's library.
        made = self._run(folder, url, "-P", str(MAKE_MEMBERS), str(accounts or ACCOUNTS))
        self._session_keys = [session_key for _, session_key in json.loads(made)]
        super().__init__(wire=wire, DATABASE_URL=url)
        self.project = folder

    def cookies(self, count):
        return self._session_keys[:count] if self.wire == "web" else None

    def _run(self, folder, url, *arguments):
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env={**environment(url), "PYTHONPATH": os.fspath(folder)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout


def measure(plan):
    """Return {candidate: {in flight: [report of each round]}}; an empty dict without `before`."""
    if plan.before is None:
        plan.say("versions is left out: no --before given")
        return {}
    folder = Path(plan.before).resolve()
    flights = QUICK_IN_FLIGHT if plan.quick else IN_FLIGHT
    candidates = {}
    for wire in WIRES:
        candidates[f"{BEFORE}, {wire}"] = other_version(folder, wire), flights
        candidates[f"{HERE}, {wire}"] = this_version(wire, plan.sanctions), flights
    results, _ = take_turns(plan, candidates, MEMBERS)
    return results


def this_version(wire, sanctions, **options):
    """Return a function that starts this version, with so many sanctions in its database."""

    def make():
        site = SiteCandidate(wire=wire, **options)
        if sanctions:
            url = site.environment["DATABASE_URL"]
            with DjangoProcess("tests.benchmarks.sanctions", url) as inside:
                inside.ask(members=MEMBERS, sanctions=sanctions)
        return site

    return make


def other_version(folder, wire):
    return lambda: OtherVersion(folder, wire)


def tables(results):
    """Yield the deliveries a second of both versions, and the medians of their ratios by round."""
    cells = []
    for wire in WIRES if results else ():
        before, here = results[f"{BEFORE}, {wire}"], results[f"{HERE}, {wire}"]
        for in_flight in here:
            other, mine = before[in_flight], here[in_flight]
            cells.append(
                [
                    wire,
                    in_flight,
                    count(middle(other)),
                    count(middle(mine)),
                    by_round(rates(mine), rates(other)),
                    by_round(each_core_second(mine), each_core_second(other)),
                ]
            )
    yield from rows(["port", "in flight", BEFORE, HERE, *RATIO_COLUMNS], cells)
