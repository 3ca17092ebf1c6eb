"""The time that a database of the version before rooms takes to migrate, by the lines of its room.

python -m tests.benchmarks --only migrating --lines 1000000
"""

import time
from contextlib import ExitStack

import pytest

from tests.benchmarks import report
from tests.benchmarks.databases import ENGINES, python
from tests.benchmarks.report import count

LINES, QUICK_LINES = 1_000_000, 10_000
ACCOUNTS = 1_000
LONGEST = 60  # seconds, the target


def measure(plan):
    """Return {"target", "rows": [{"database", "lines", "seconds"}], "skipped": reasons}."""
    lines = plan.lines or (QUICK_LINES if plan.quick else LINES)
    rows, skipped = [], []
    for engine in ENGINES:
        with ExitStack() as stack:
            try:
                databases = stack.enter_context(ENGINES[engine]())
            except pytest.skip.Exception as reason:
                skipped.append(str(reason))
                continue
            url = databases.create_database("migrating")
            plan.say(f"migrating in {engine}: filling a room with {lines:,} lines")
            python(url, "-m", "tests.support.old_site", str(min(ACCOUNTS, lines // 2)), str(lines))
            plan.say(f"migrating in {engine}")
            start = time.perf_counter()
            python(url, "manage.py", "migrate", "--verbosity", "0")
            took = time.perf_counter() - start
            rows.append({"database": engine, "lines": lines, "seconds": took})
    return {"target": LONGEST, "rows": rows, "skipped": skipped}


def tables(result):
    """Yield the table as lines of Markdown."""
    yield (
        "The time of `manage.py migrate`, with its start, for a database of migration 0003. The "
        f"target is at most {result['target']} s with a million lines."
    )
    yield ""
    yield from report.rows(
        ["database", "lines", "seconds"],
        ([row["database"], count(row["lines"]), f"{row['seconds']:.1f}"] for row in result["rows"]),
    )
    for reason in result["skipped"]:
        yield from ("", f"Not measured: {reason}.")
