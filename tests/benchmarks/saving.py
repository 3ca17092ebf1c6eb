"""Messages saved a second, and how long a save takes, beside one `acreate()` for each message."""

import statistics
from contextlib import ExitStack

import pytest

from tests.benchmarks import report
from tests.benchmarks.databases import ENGINES, python
from tests.benchmarks.inside import DjangoProcess

SPEAKERS = (16, 64, 256)  # with one message under way each
RATES = (100, 500, 2000)  # messages a second
WAYS = ("together", "one_by_one")
FACTOR = 8  # the target, times `acreate()`


def measure(plan):
    """Return {"target", "saved": rows of rates, "latency": rows of times, "skipped": reasons}."""
    saved, latency, skipped = [], [], []
    for engine in ENGINES:
        try:
            rates, times = on_engine(plan, engine)
        except pytest.skip.Exception as reason:
            skipped.append(str(reason))
        else:
            saved += rates
            latency += times
    return {"target": FACTOR, "saved": saved, "latency": latency, "skipped": skipped}


def on_engine(plan, engine):
    """Return (rows of rates, rows of times) of one database."""
    with ExitStack() as stack:
        url = stack.enter_context(ENGINES[engine]()).create_database("saving")
        python(url, "manage.py", "migrate", "--verbosity", "0")
        inside = stack.enter_context(DjangoProcess("tests.benchmarks.saves", url))
        seconds = min(plan.seconds, 1)
        closed = {(speakers, way): [] for speakers in some(plan, SPEAKERS) for way in WAYS}
        fixed = {rate: [] for rate in some(plan, RATES)}
        if plan.sanctions:
            inside.ask(question="sanctions", count=plan.sanctions)
        for turn in range(plan.rounds):
            plan.say(f"saving in {engine}, round {turn + 1} of {plan.rounds}")
            for (speakers, way), answers in closed.items():
                answers.append(
                    inside.ask(question="save", way=way, speakers=speakers, seconds=seconds)
                )
            for rate, answers in fixed.items():
                answers.append(
                    inside.ask(question="save", way="together", rate=rate, seconds=seconds)
                )
    rates = [saved_row(engine, speakers, closed) for speakers in some(plan, SPEAKERS)]
    return rates, [{"database": engine, "rate": rate, **times(fixed[rate])} for rate in fixed]


def saved_row(engine, speakers, closed):
    row = {"database": engine, "speakers": speakers}
    for way in WAYS:
        answers = closed[speakers, way]
        row[way] = {"rates": [answer["rate"] for answer in answers], **times(answers)}
    row["ratio"] = median(row["together"]) / median(row["one_by_one"])
    return row


def some(plan, values):
    """Return all values or, in a quick run, the second one."""
    return values[1:2] if plan.quick else values


def times(answers):
    """Return the medians of all rounds, in milliseconds."""
    return {name: statistics.median(answer[name] for answer in answers) for name in ("p50", "p99")}


def median(way):
    return statistics.median(way["rates"])


def tables(result):
    """Yield both tables as lines of Markdown."""
    yield (
        "Messages saved a second, with one message of each speaker under way. The target is "
        f"{result['target']} times what `acreate()` does."
    )
    yield ""
    yield from report.rows(
        [
            *("database", "speakers", "this site, messages/s", "a save takes"),
            *("`acreate()`, messages/s", "a save takes", "ratio"),
        ],
        map(saved_cells, result["saved"]),
    )
    yield ""
    yield "The time of a save on this site when messages come at a rate, from when each is due:"
    yield ""
    yield from report.rows(
        ["database", "messages/s", "a save takes"], map(latency_cells, result["latency"])
    )
    for reason in result["skipped"]:
        yield from ("", f"Not measured: {reason}.")


def saved_cells(row):
    ways = [cell for way in WAYS for cell in (report.in_range(row[way]["rates"]), took(row[way]))]
    return [row["database"], str(row["speakers"]), *ways, report.against(row["ratio"], 1)]


def latency_cells(row):
    return [row["database"], report.count(row["rate"]), took(row)]


def took(row):
    """Return the median and the 99th percentile as text."""
    return f"{row['p50']:.1f} / {row['p99']:.1f} ms"
