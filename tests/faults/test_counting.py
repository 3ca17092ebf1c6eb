"""The counter of scenario F12 counts, and fails when there is nothing to count."""

import asyncio

import pytest

from chat.live.database import Database
from tests.faults.counting import COUNTED_CALLS, CallCount, CallCounting


@pytest.fixture
def calls(tmp_path, monkeypatch):
    calls = CallCount(tmp_path / "calls")
    for method in ("read", "write"):
        monkeypatch.setattr(Database, method, getattr(Database, method))  # restored afterwards
    monkeypatch.setenv(COUNTED_CALLS, calls.environment[COUNTED_CALLS])
    CallCounting.ready(None)
    return calls


async def use_database():
    database = Database()
    assert await database.read(len, "four") == 4
    assert await database.read_for_member(len, "five5") == 5
    assert await database.write(max, 1, 2) == 2
    database.close()


def test_every_call_on_the_database_threads_is_counted(calls):
    asyncio.run(use_database())
    assert calls.of("read", len) == 2
    assert calls.of("write", max, min) == 1


def test_calls_before_the_start_are_not_counted(calls):
    asyncio.run(use_database())
    calls.start()
    with pytest.raises(AssertionError, match="no read"):
        calls.of("read", len)


def test_a_function_that_is_never_called_is_an_error(calls):
    asyncio.run(use_database())
    problem = r"no write of builtins\.len .*'read builtins\.len': 2"
    with pytest.raises(AssertionError, match=problem):
        calls.of("write", len)
