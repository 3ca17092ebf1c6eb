"""All figures of the benchmarks, from one command: `python -m tests.benchmarks`.

    python -m tests.benchmarks [--quick] [--only fanout,history] [--original COMMAND] [--out DIR]

Each server runs on one core and the load on another, in rounds in which all candidates take turns.
Prints the tables, and writes results.json, results.md and results.svg into DIR. Without `--out` it
is the folder of the benchmarks for a whole run, and benchmark-results/ with `--quick` or `--only`.
With `--only` and `--out`, results of other benchmarks in DIR are kept, and the tables have the
dates. What is not installed is left out with a note.
"""

import argparse
import json
import os
import platform
from datetime import date
from importlib import import_module
from pathlib import Path

from tests.benchmarks import extent, targets
from tests.benchmarks.plan import Plan

NEED_SERVICES = {"processes", "across"}  # PostgreSQL and Redis
BENCHMARKS = (
    *("fanout", "connections", "saving", "history", "processes", "across", "page"),
    "rooms",
)
ON_REQUEST = (
    "versions",
    "moderation",
    "attacks",
    "migrating",
    "search",
    "indexing",
    "scrolling",
)  # only with --only
WHOLE = Path(__file__).parent  # the folder for the results that are committed
PART = Path("benchmark-results")  # the folder for others


def machine():
    """Return a description of where and when this is measured."""
    return {
        "date": date.today().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "kernel": platform.release(),
    }


def main(arguments=None):
    parser = argument_parser()
    options = parser.parse_args(arguments)
    names = options.only.split(",") if options.only else BENCHMARKS
    folder = options.out or (PART if options.quick or options.only else WHOLE)
    if options.quick and options.only and options.out:
        parser.error("quick results do not belong beside others: leave out --out")
    known = (*BENCHMARKS, *ON_REQUEST)
    if unknown := set(names) - set(known):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    file = folder / "results.json"
    joins = bool(options.only and options.out and file.exists())
    results = json.loads(file.read_text()) if joins else {"machine": machine()}
    if options.sanctions:
        results["sanctions"] = options.sanctions
    folder.mkdir(parents=True, exist_ok=True)
    with Plan(
        quick=options.quick,
        rounds=options.rounds,
        seconds=options.seconds,
        original=options.original,
        before=options.before,
        lines=options.lines,
        sanctions=options.sanctions,
    ) as plan:
        for name in names:
            measure(plan, name, results, joins=joins)
            file.write_text(json.dumps(results, indent=1))
    report(results, folder)


def argument_parser():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="less of everything, in 3 minutes")
    parser.add_argument("--only", help=f"some of {','.join((*BENCHMARKS, *ON_REQUEST))}")
    parser.add_argument("--original", help="the original server: a command with {port} in it")
    parser.add_argument("--before", type=Path, help="another checkout, for the benchmark versions")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of each phase, of fan-out and processes")
    parser.add_argument("--lines", type=int, help="of the logs of rooms, migrating and search")
    parser.add_argument(
        "--sanctions", type=int, default=0, help="in this version's database, of versions, saving"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="the folder for the results")
    return parser


def measure(plan, name, results, *, joins):
    """Run a benchmark and add its results, marked with the date if it joins older ones."""
    if name in NEED_SERVICES and not plan.has_services:
        plan.say(f"{name} is left out: PostgreSQL or Redis is not installed")
        return
    results[name] = import_module(f"tests.benchmarks.{name}").measure(plan)
    if joins:
        results.setdefault("apart", {})[name] = machine()
    else:
        results["minutes"] = plan.minutes


def report(results, folder):
    """Print the tables, and write them and the plot into a folder."""
    text = "\n".join(write_up(results))
    print(f"\n{text}")
    (folder / "results.md").write_text(f"{text}\n")
    if "fanout" in results:
        from tests.benchmarks import plot  # its library takes long to import

        plot.draw(results["fanout"], folder / "results.svg")


def write_up(results):
    """Yield the tables of everything that was measured, as lines of Markdown."""
    where, apart = results["machine"], results.get("apart", {})
    yield (
        f"Measured on {where['date']} with {where['cores']} cores, Python {where['python']}, "
        f"in {results['minutes']:.0f} minutes."
    )
    if sanctions := results.get("sanctions"):
        yield from ("", f"The databases of `versions` and `saving` have {sanctions:,} sanctions.")
    yield from ("", "### Targets and results", "")
    yield from targets.tables(results)
    for name in (*BENCHMARKS, *ON_REQUEST):
        if name not in results:
            continue
        module = import_module(f"tests.benchmarks.{name}")
        yield from ("", f"### {title(module)}", "")
        if name in apart:
            yield from (f"Measured apart from the others, on {apart[name]['date']}.", "")
        yield from module.tables(results[name])
    if "fanout" in results and "connections" in results:
        yield from ("", f"### {title(extent)}", "")
        yield from extent.tables(results["fanout"], results["connections"])


def title(module):
    """Return the first sentence of a module's docstring."""
    return module.__doc__.partition(".")[0]


if __name__ == "__main__":
    main()
