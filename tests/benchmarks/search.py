"""The time of a search in a long log.

python -m tests.benchmarks --only search --lines 10000000
"""

from contextlib import ExitStack
from statistics import median, quantiles

import pytest

from tests.benchmarks import report
from tests.benchmarks.databases import ENGINES, python
from tests.benchmarks.inside import DjangoProcess
from tests.benchmarks.report import count

LINES, QUICK_LINES = 10_000_000, 20_000
SEARCHES, QUICK_SEARCHES = 20, 3  # of each query, in each order
LONGEST = 300  # ms of 95 % of the searches, the target


def measure(plan):
    """Return {"lines", "rows": one for each database, "skipped": reasons}."""
    lines = plan.lines or (QUICK_LINES if plan.quick else LINES)
    rows, skipped = [], []
    for engine in ENGINES:
        with ExitStack() as stack:
            try:
                databases = stack.enter_context(ENGINES[engine]())
            except pytest.skip.Exception as reason:
                skipped.append(str(reason))
                continue
            rows.append(on_engine(plan, engine, databases.create_database("search"), lines))
    return {"lines": lines, "rows": rows, "skipped": skipped}


def on_engine(plan, engine, url, lines):
    python(url, "manage.py", "migrate", "--verbosity", "0")
    with DjangoProcess("tests.benchmarks.searches", url) as inside:
        inside.ask(what="begin")
        plan.say(f"search in {engine}: filling a room with {lines:,} lines")
        python(url, "-m", "tests.benchmarks.fill", str(lines), "--more")
        plan.say(f"search in {engine}: indexing")
        indexed = inside.ask(what="index")
        inside.ask(what="begin")
        inside.ask(what="index")
        plan.say(f"search in {engine}: searching")
        searches = inside.ask(what="search", rounds=QUICK_SEARCHES if plan.quick else SEARCHES)
    return {
        "database": engine,
        "indexed": indexed,
        "searches": searches,
    }


def p95(row):
    """Return the milliseconds in which 95 % of all searches of a database ended."""
    times = [
        each for orders in row["searches"].values() for took in orders.values() for each in took
    ]
    return quantiles(times, n=20)[18]


def tables(result):
    """Yield the tables as lines of Markdown."""
    yield (
        f"Searches in a room with {count(result['lines'])} lines, and the time that it took to "
        f"index them. 95 % of all searches should take at most {LONGEST} ms."
    )
    yield ""
    yield from report.rows(
        ["database", "messages indexed a second", "search", "newest first, ms", "best first, ms"],
        [cells for row in result["rows"] for cells in search_cells(row)],
    )
    for reason in result["skipped"]:
        yield from ("", f"Not measured: {reason}.")


def search_cells(row):
    speed = row["indexed"]["messages"] / row["indexed"]["seconds"]
    for query, orders in row["searches"].items():
        times = [f"{median(orders[order]):.1f}" for order in ("newest", "best")]
        yield [row["database"], count(speed), query, *times]
