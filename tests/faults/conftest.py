"""The options `--full` and `--figures`, and the table of what was measured."""

import asyncio
import secrets
from datetime import datetime
from pathlib import Path

import pytest
import uvloop

from tests.faults.figures import Figures, table
from tests.faults.site import Site

ROWS = []
TO_START_AND_END = 30  # seconds of a test's time that are not the scenario's


def pytest_addoption(parser):
    parser.addoption(
        "--full", action="store_true", help="all scenarios of tests/faults, at full size"
    )
    parser.addoption(
        "--figures", metavar="FILE", help="a file to which the table of tests/faults is added"
    )


@pytest.fixture(scope="session")
def full(request):
    """Whether everything runs at its full size; else what fits into four minutes."""
    return request.config.getoption("--full", default=False)


def pytest_configure(config):
    config.addinivalue_line("markers", "full: runs with --full only")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--full", default=False):
        return
    # Left out, not skipped: a skip says that something is missing.
    left_out = [item for item in items if item.get_closest_marker("full")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def database(postgresql):
    """A PostgreSQL database of the scenario's own."""
    return postgresql.create_database(f"faults_{secrets.token_hex(4)}")


@pytest.fixture
def figures(request):
    """The scenario's row in the table; its fault is the test's docstring."""
    figures = Figures(request.function.__doc__.strip().rstrip("."))
    yield figures
    ROWS.append(figures)


@pytest.fixture
def play(request):
    """A function that plays a scenario, a coroutine function of a `Site`, on a site of its own.

    The scenario ends by itself before pytest would end it, whose way goes wrong inside uvloop.
    """
    marker = request.node.get_closest_marker("timeout")
    seconds = marker.args[0] if marker else float(request.config.getini("timeout"))

    def play(scenario, **options):
        async def within(site):
            async with asyncio.timeout(seconds - TO_START_AND_END):
                await scenario(site)

        with Site(**options) as site:
            uvloop.run(within(site))

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
