"""All figures of the README, from one command: `python -m tests.benchmarks`.

    python -m tests.benchmarks [--quick] [--only fanout,history] [--original COMMAND] [--out DIR]

Each server runs on one core and the load on another, in rounds in which all candidates take turns.
Prints the tables, and writes results.json, results.md and results.svg into DIR: unless told, the
folder of the benchmarks for a whole run, and benchmark-results/ for one with --quick or --only.
With --only, what a DIR that is given holds of other measures stays, and the tables tell the dates.
What is not installed is left out, with a note.
"""

import argparse
import json
import os
import platform
import sys
import time
from contextlib import ExitStack
from datetime import date
from importlib import import_module
from pathlib import Path

from tests.benchmarks import plot, simulate, targets
from tests.support.databases import unused_redis_database
from tests.support.services import PostgreSQL, Redis

NEED_SERVICES = {"processes", "across"}  # PostgreSQL and Redis
MEASURES = ("fanout", "connections", "saving", "history", "processes", "across", "page")
WHOLE = Path(__file__).parent  # the folder for the README's figures
PART = Path("benchmark-results")  # and for others


class Plan:
    """How thoroughly to measure, and the services that candidates may use."""

    def __init__(self, *, quick, rounds, seconds, original, stack):
        self.quick = quick
        self.rounds = rounds or (1 if quick else 2)
        self.seconds = seconds or (0.5 if quick else 1.5)
        self.original = original
        self.begun = time.monotonic()
        self._stack = stack
        self._postgresql = self._redis = None

    def say(self, text):
        """Progress, for who waits."""
        minutes, seconds = divmod(int(time.monotonic() - self.begun), 60)
        print(f"{minutes:02}:{seconds:02} {text}", file=sys.stderr, flush=True)

    @property
    def has_services(self):
        """Whether PostgreSQL and Redis are installed."""
        return PostgreSQL.available() and Redis.available()

    def services(self):
        """What a candidate on PostgreSQL and Redis is given."""
        if self._postgresql is None:
            self._postgresql = self._stack.enter_context(PostgreSQL())
        return {"postgresql": self._postgresql.url, **self.bus()}

    def bus(self):
        """What one on Redis is given: a database without what others left."""
        if self._redis is None:
            self._redis = self._stack.enter_context(Redis())
        return {"REDIS_URL": unused_redis_database(self._redis.url)}


def machine():
    """Where this was measured."""
    return {
        "date": date.today().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "kernel": platform.release(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="less of everything, in 3 minutes")
    parser.add_argument("--only", help=f"some of {','.join(MEASURES)}")
    parser.add_argument("--original", help="the original server: a command with {port} in it")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of each phase, of fan-out and processes")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"for the results; else that of the benchmarks, or {PART}/ with --quick or --only",
    )
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else MEASURES
    folder = options.out or (PART if options.quick or options.only else WHOLE)
    if options.quick and options.only and options.out:
        parser.error("what is measured quickly does not belong beside the rest: leave out --out")
    if unknown := set(chosen) - set(MEASURES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    modules = {name: import_module(f"tests.benchmarks.{name}") for name in chosen}
    with ExitStack() as stack:
        plan = Plan(
            quick=options.quick,
            rounds=options.rounds,
            seconds=options.seconds,
            original=options.original,
            stack=stack,
        )
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "results.json"
        joins = options.only and options.out and file.exists()
        results = json.loads(file.read_text()) if joins else {"machine": machine()}
        for name, module in modules.items():
            if name in NEED_SERVICES and not plan.has_services:
                plan.say(f"{name} is left out: PostgreSQL or Redis is not installed")
            else:
                results[name] = module.measure(plan)
                if joins:
                    results.setdefault("apart", {})[name] = machine()
            if not joins:
                results["minutes"] = (time.monotonic() - plan.begun) / 60
            file.write_text(json.dumps(results, indent=1))
    report(results, folder)


def report(results, folder):
    """Print the tables, and write them and the plot into a folder."""
    text = "\n".join(write_up(results))
    print(f"\n{text}")
    (folder / "results.md").write_text(f"{text}\n")
    if "fanout" in results:
        plot.draw(results["fanout"], folder / "results.svg")


def write_up(results):
    """The tables of all that was measured, in Markdown, line by line."""
    where, apart = results["machine"], results.get("apart", {})
    yield (
        f"Measured on {where['date']} with {where['cores']} cores, Python {where['python']}, "
        f"in {results['minutes']:.0f} minutes."
    )
    yield ""
    yield "### What was aimed at, and what was reached"
    yield ""
    yield from targets.tables(results)
    for name in MEASURES:
        if name not in results:
            continue
        module = import_module(f"tests.benchmarks.{name}")
        yield ""
        yield f"### {module.__doc__.partition('.')[0]}"
        yield ""
        if name in apart:
            yield f"Measured apart from the others, on {apart[name]['date']}."
            yield ""
        yield from module.tables(results[name])
    if "processes" in results:
        yield ""
        yield f"### {simulate.__doc__.partition('.')[0]}"
        yield ""
        yield from simulate.tables(results["processes"])


if __name__ == "__main__":
    main()
