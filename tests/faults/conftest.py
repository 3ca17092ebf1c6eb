"""The fixtures that play scenarios, the options `--full` and `--figures`, and the table."""

import asyncio
import signal
from datetime import datetime
from pathlib import Path

import pytest
import uvloop

from tests.faults import ledger, reconnecting
from tests.faults.crowd import Crowd
from tests.faults.figures import BESIDE_OTHERS, Figures, table
from tests.faults.judge import Expectations, judge
from tests.faults.site import FaultSite
from tests.support import full_size
from tests.support.services import PostgreSQL, Redis

ROWS = []  # the `Figures` of the scenarios that were played
STARTING_AND_STOPPING = 30  # seconds of a test's time that are not the scenario's


def pytest_addoption(parser):
    full_size.add_option(parser)
    parser.addoption(
        "--figures", metavar="FILE", help="a file to which the table of tests/faults is added"
    )


def pytest_configure(config):
    full_size.add_marker(config)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    full_size.run_in_one_process(config)


def pytest_collection_modifyitems(config, items):
    full_size.deselect(config, items)


@pytest.fixture(scope="session")
def full(request):
    """Whether scenarios are played at their full size, or else at one that fits the gate."""
    return full_size.is_chosen(request.config)


@pytest.fixture
def figures(request):
    """The scenario's row in the table, named by the docstring of the test."""
    figures = Figures(request.function.__doc__.strip().rstrip("."))
    yield figures
    ROWS.append(figures)


@pytest.fixture
def database(postgresql):
    """The URL of a new PostgreSQL database."""
    return postgresql.create_migrated_database()


@pytest.fixture
def own_postgresql():
    """A PostgreSQL that a scenario may stop and freeze."""
    with PostgreSQL() as service:
        yield service


@pytest.fixture
def own_redis():
    """A Redis that a scenario may kill and freeze."""
    with Redis() as service:
        try:
            yield service
        finally:
            service.process.send_signal(signal.SIGCONT)


@pytest.fixture(autouse=True)
def patient_members(full, monkeypatch):
    """Let members wait longer for servers than the page does, beside other tests."""
    if not full:
        for module, name in ((ledger, "ANSWER_TIMEOUT"), (reconnecting, "WELCOME_TIMEOUT")):
            monkeypatch.setattr(module, name, BESIDE_OTHERS * getattr(module, name))


@pytest.fixture
def play(request, figures):
    """A function that starts a site, plays a scenario on it, and lets the judge decide.

    A scenario is a coroutine function of a `FaultSite` and an empty `Crowd` that returns its
    `Expectations`. It ends by itself shortly before pytest would end it, because pytest's own
    timeout does not work inside uvloop.

    The site has two servers on a new PostgreSQL database and the tests' Redis, unless the
    `options` of `FaultSite` say otherwise. With `sqlite` it has SQLite and no Redis.
    """
    marker = request.node.get_closest_marker("timeout")
    seconds = marker.args[0] if marker else float(request.config.getini("timeout"))

    def play(scenario, *, sqlite=False, **options):
        if not sqlite and "database" not in options:
            options["database"] = request.getfixturevalue("database")
        if not sqlite and "redis" not in options:
            options["redis"] = request.getfixturevalue("redis").url

        async def run(site):
            async with asyncio.timeout(seconds - STARTING_AND_STOPPING):
                crowd = Crowd(site)
                expected = await scenario(site, crowd)
                assert isinstance(expected, Expectations)
                await crowd.settle()
                await judge(crowd, figures, expected)

        with FaultSite(**options) as site:
            uvloop.run(run(site))

    return play


def pytest_terminal_summary(terminalreporter, config):
    if not ROWS:
        return
    terminalreporter.section("what the faults did")
    for line in table(ROWS):
        terminalreporter.write_line(line)
    if path := config.getoption("--figures", default=None):
        counts = [
            f"{len(terminalreporter.getreports(outcome))} {outcome}"
            for outcome in ("passed", "failed", "error")
        ]
        head = f"## {datetime.now():%Y-%m-%d %H:%M}: {', '.join(counts)}"
        with Path(path).open("a", encoding="utf-8") as file:
            file.write("\n".join([head, "", *table(ROWS), "", ""]))
