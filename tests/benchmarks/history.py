"""The time that a page of history takes, for members and staff, by the length of the history."""

import statistics
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.benchmarks import report
from tests.benchmarks.databases import ENGINES, python
from tests.benchmarks.inside import DjangoProcess

SIZES = {"SQLite": (10_000, 1_000_000, 10_000_000), "PostgreSQL": (10_000, 1_000_000)}  # lines
QUICK_SIZES = {"SQLite": (10_000, 100_000)}
PAGE = 50  # lines
MESSAGES = 20
NAME = "ada.ash"  # one of the accounts that `fill` makes
QUERIES = {  # name: (title, how often it is asked in a round)
    "newest": (f"the newest {PAGE} lines", 100),
    "middle": (f"{PAGE} lines anywhere", 100),
    "messages": (f"the newest {MESSAGES} messages", 100),
    "list": ("staff's list", 10),
    "list_kind": ("staff's list of one kind", 10),
    "list_name": ("staff's list of one name", 10),
}
PAGES = ("newest", "middle")
FACTOR = 1.5  # the target: a page of the longest history takes at most so much longer


def measure(plan):
    """Return {"target", "pages_ratio", "rows": figures of a query and size, "skipped": reasons}."""
    urls, skipped = {}, []
    with ExitStack() as stack:
        for engine, sizes in (QUICK_SIZES if plan.quick else SIZES).items():
            try:
                databases = stack.enter_context(ENGINES[engine]())
            except pytest.skip.Exception as reason:
                skipped.append(str(reason))
            else:
                urls[engine] = {n: databases.create_database(f"lines_{n}") for n in sizes}
        fill_all(plan, urls)
        rows = [row for engine in urls for row in on_engine(plan, engine, urls[engine])]
    slowest = max(row["ratio"] for row in rows if row["query"] in PAGES)
    return {"target": FACTOR, "pages_ratio": slowest, "rows": rows, "skipped": skipped}


def fill_all(plan, urls):
    """Fill the rooms of {engine: {lines: URL}}, all engines at once, because each uses a core."""

    def fill_one(engine):
        for size, url in urls[engine].items():
            plan.say(f"history in {engine}: filling a room with {size:,} lines")
            python(url, "-m", "tests.benchmarks.fill", str(size))

    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(fill_one, engine) for engine in urls]:
            done.result()


def on_engine(plan, engine, urls):
    """Let the databases of all sizes take turns. Return a row for each query and size."""
    sizes = list(urls)
    with ExitStack() as stack:
        inside = {
            size: stack.enter_context(
                DjangoProcess("tests.benchmarks.pages_of_history", urls[size])
            )
            for size in sizes
        }
        took = {(query, size): [] for query in QUERIES for size in sizes}
        for turn in range(plan.rounds):
            plan.say(f"history in {engine}, round {turn + 1} of {plan.rounds}")
            for (query, size), times in took.items():
                often = QUERIES[query][1] // (4 if plan.quick else 1)
                times += inside[size].ask(query=query, times=often)
    return [
        row(engine, query, size, times, took[query, sizes[0]])
        for (query, size), times in took.items()
    ]


def row(engine, query, size, times, shortest):
    """Return the figures of one query; `shortest` are its times with the shortest history."""
    return {
        "database": engine,
        "query": query,
        "lines": size,
        "times": len(times),
        "median": statistics.median(times),
        "p99": statistics.quantiles(times, n=100)[98],
        "ratio": statistics.median(times) / statistics.median(shortest),
    }


def tables(result):
    """Yield one table for each database as lines of Markdown."""
    yield (
        f"The slowest page of {PAGE} lines takes {result['pages_ratio']:.2f} times as long as with "
        f"the shortest history; the target is at most {result['target']}."
    )
    for engine in dict.fromkeys(row["database"] for row in result["rows"]):
        yield ""
        yield from table(engine, [row for row in result["rows"] if row["database"] == engine])
    for reason in result["skipped"]:
        yield from ("", f"Not measured: {reason}.")


def table(engine, rows):
    sizes = dict.fromkeys(row["lines"] for row in rows)
    return report.rows(
        [f"{engine}: median, and ratio to the shortest", *(f"{size:,} lines" for size in sizes)],
        (
            [what, *(cell(row) for row in rows if row["query"] == query)]
            for query, (what, _) in QUERIES.items()
        ),
    )


def cell(row):
    return f"{row['median']:.2f} ms, {row['ratio']:.2f}"
