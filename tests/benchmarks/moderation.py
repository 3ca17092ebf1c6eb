"""Saving and fan-out with many sanctions in the database, beside the same without any.

    python -m tests.benchmarks --only moderation --sanctions 10000 --rounds 6

Both are measured in the same rounds, with the same people.
"""

from contextlib import ExitStack
from statistics import median

import pytest

from tests.benchmarks.databases import ENGINES, python
from tests.benchmarks.fanout import MEMBERS, backwards_in_turn, take_turns
from tests.benchmarks.inside import DjangoProcess
from tests.benchmarks.report import RATIO_COLUMNS, by_round, count, each_core_second, rates, rows
from tests.benchmarks.versions import this_version

SANCTIONS = 10_000
SPEAKERS = (16, 64, 256)  # with one message under way each
IN_FLIGHT = (8, 16, 64)
QUICK = (16,)  # speakers, and messages in flight
WIRES = ("web", "legacy")
LEAST_RATIO = 0.95
WITHOUT, WITH = "without", "with"


def measure(plan):
    """Return {"sanctions", "rates": {what was measured: {way: [rate of each round]}}, "skipped"}.

    What was measured is (what, database, number of those who speak), joined by commas. "work" is
    like "rates", of fan-out alone: the deliveries a second of the server's processor time.
    """
    sanctions = plan.sanctions or SANCTIONS
    measured, work, skipped = {}, {}, []
    for engine in ENGINES:
        try:
            measured |= measure_saving(plan, engine, sanctions)
            reports = measure_fanout(plan, engine, sanctions)
        except pytest.skip.Exception as reason:
            skipped.append(str(reason))
            continue
        for what, ways in reports.items():
            measured[what] = {way: rates(rounds) for way, rounds in ways.items()}
            work[what] = {way: each_core_second(rounds) for way, rounds in ways.items()}
    return {"sanctions": sanctions, "rates": measured, "work": work, "skipped": skipped}


def measure_saving(plan, engine, sanctions):
    """Return the messages saved a second."""
    speaking = QUICK if plan.quick else SPEAKERS
    saved = {f"saving, {engine}, {speakers}": {WITHOUT: [], WITH: []} for speakers in speaking}
    with ExitStack() as stack:
        databases = stack.enter_context(ENGINES[engine]())
        inside = {}
        for way, number in ((WITHOUT, 0), (WITH, sanctions)):
            url = databases.create_database(f"{way}_sanctions")
            python(url, "manage.py", "migrate", "--verbosity", "0")
            inside[way] = stack.enter_context(DjangoProcess("tests.benchmarks.saves", url))
            inside[way].ask(question="sanctions", count=number)
        for turn in range(plan.rounds):
            plan.say(f"moderation: saving in {engine}, round {turn + 1} of {plan.rounds}")
            for speakers in speaking:
                for way, process in backwards_in_turn(inside.items(), turn):
                    answer = process.ask(
                        question="save",
                        way="together",
                        speakers=speakers,
                        seconds=min(plan.seconds, 1),
                    )
                    saved[f"saving, {engine}, {speakers}"][way].append(answer["rate"])
    return saved


def measure_fanout(plan, engine, sanctions):
    """Return {what was measured: {way: [report of each round]}}."""
    if engine == "PostgreSQL" and not plan.has_services:
        pytest.skip("PostgreSQL or Redis is not installed")
    flights = QUICK if plan.quick else IN_FLIGHT
    candidates = {}
    for wire in WIRES:
        for way, number in ((WITHOUT, 0), (WITH, sanctions)):
            services = plan.services() if engine == "PostgreSQL" else {}
            site = this_version(wire, number, **services)
            candidates[f"{wire}, {engine}, {way}"] = site, flights
    results, _ = take_turns(plan, candidates, MEMBERS)
    return {
        f"{wire}, {engine}, {in_flight}": {
            way: results[f"{wire}, {engine}, {way}"][str(in_flight)] for way in (WITHOUT, WITH)
        }
        for wire in WIRES
        for in_flight in flights
    }


def ratios(ways):
    """Return the rate with sanctions divided by that without them, for each round."""
    return [mine / other for mine, other in zip(ways[WITH], ways[WITHOUT], strict=True)]


def tables(result):
    """Yield a row for each comparison, as lines of Markdown."""
    yield (
        "Messages saved a second, and deliveries a second to members of each port, "
        f"without sanctions and with {result['sanctions']:,}."
    )
    yield ""
    yield from rows(
        ["what", "database", "speaking", WITHOUT, WITH, *RATIO_COLUMNS],
        (
            [
                *what.split(", "),
                count(median(ways[WITHOUT])),
                count(median(ways[WITH])),
                by_round(ways[WITH], ways[WITHOUT]),
                by_round(work[WITH], work[WITHOUT]) if (work := result["work"].get(what)) else "",
            ]
            for what, ways in result["rates"].items()
        ),
    )
    for reason in result["skipped"]:
        yield from ("", f"Not measured: {reason}.")
