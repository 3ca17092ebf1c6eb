"""The option `--full`, and the table of what was measured."""

import secrets

import pytest

from tests.faults.figures import Figures, table

ROWS = []


def pytest_addoption(parser):
    parser.addoption(
        "--full", action="store_true", help="all scenarios of tests/faults, at full size"
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


def pytest_terminal_summary(terminalreporter):
    if ROWS:
        terminalreporter.section("what the faults did")
        for line in table(ROWS):
            terminalreporter.write_line(line)
