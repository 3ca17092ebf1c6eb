"""The cost of the search index for those who speak, and how far it is behind.

python -m tests.benchmarks --only indexing --rounds 3
"""

from contextlib import ExitStack
from statistics import median

import pytest

from tests.benchmarks import report
from tests.benchmarks.databases import ENGINES, python
from tests.benchmarks.inside import DjangoProcess

SPEAKERS = (16, 256)  # with one message under way each
RATE = 1000  # messages a second
SECONDS, QUICK_SECONDS = 4, 0.5  # of saving as much as possible, each way in each round
PACED_SECONDS = 5
LEAST_RATIO = 0.95  # of the messages saved without the index
LARGEST_LAG = 2  # seconds
WAYS = ("without", "with")


def measure(plan):
    """Return {"rows": one for each database, "skipped": reasons}."""
    rows, skipped = [], []
    for engine in ENGINES:
        try:
            rows.append(on_engine(plan, engine))
        except pytest.skip.Exception as reason:
            skipped.append(str(reason))
    return {"rows": rows, "skipped": skipped}


def on_engine(plan, engine):
    with ExitStack() as stack:
        url = stack.enter_context(ENGINES[engine]()).create_database("indexing")
        python(url, "manage.py", "migrate", "--verbosity", "0")
        inside = stack.enter_context(DjangoProcess("tests.benchmarks.indexed_saves", url))
        saved = {str(speakers): {way: [] for way in WAYS} for speakers in SPEAKERS}
        lags = []
        for turn in range(plan.rounds):
            plan.say(f"indexing in {engine}, round {turn + 1} of {plan.rounds}")
            for speakers, rates in saved.items():
                for way in WAYS[:: (-1) ** turn]:
                    rates[way].append(rate(plan, inside, int(speakers), way))
            seconds = QUICK_SECONDS if plan.quick else PACED_SECONDS
            lags.append(inside.ask(what="lag", seconds=seconds, rate=RATE))
    return {"database": engine, "saved": saved, "lags": lags}


def rate(plan, inside, speakers, way):
    """Return the messages saved a second, with or without the index."""
    seconds = QUICK_SECONDS if plan.quick else SECONDS
    return inside.ask(what="save", seconds=seconds, speakers=speakers, indexed=way == "with")


def ratio(ways):
    """Return the median of the ratios of the rounds."""
    pairs = zip(ways["with"], ways["without"], strict=True)
    return median(kept / without for kept, without in pairs)


def tables(result):
    """Yield the table as lines of Markdown."""
    yield (
        "Messages saved a second with the index kept and without it, as in `saving`, and the "
        f"largest lag of the index while {RATE} messages a second are said."
    )
    yield ""
    yield from report.rows(
        ["database", "speakers", "with the index", "without", "ratio", f"lag at {RATE}/s, s"],
        [cells for row in result["rows"] for cells in saved_cells(row)],
    )
    for reason in result["skipped"]:
        yield from ("", f"Not measured: {reason}.")


def saved_cells(row):
    for speakers, ways in row["saved"].items():
        rates = [report.in_range(ways[way]) for way in ("with", "without")]
        yield [
            *(row["database"], speakers, *rates, f"{ratio(ways):.2f}"),
            f"{max(row['lags']):.1f}",
        ]
