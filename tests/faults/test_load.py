"""Scenarios without a fault, in which several processes carry many messages."""

import time

import pytest

from tests.faults.arrivals import line_times, listen
from tests.faults.figures import spread
from tests.faults.judge import Expectations


@pytest.mark.full
@pytest.mark.timeout(600)
def test_four_processes_carry_ten_thousand_messages_of_four_hundred_clients(play, figures):
    """No fault: four processes, PostgreSQL and Redis."""

    async def scenario(site, crowd):
        await crowd.gather(360, 40)
        listeners = listen(crowd)
        start = time.monotonic()
        await crowd.talk(150, count=10_000, speakers=crowd.everybody)
        await crowd.settle()
        figures.note(f"a line is heard within {spread(line_times(crowd, listeners, start))}")
        return Expectations(undisturbed=crowd.everybody, messages=10_000)

    play(scenario, servers=4)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_two_workers_need_nothing_but_sqlite(play, figures):
    """No fault: `serve --workers 2` with SQLite alone."""

    async def scenario(site, crowd):
        await crowd.gather(90, 10)
        listeners = listen(crowd)
        start = time.monotonic()
        await crowd.talk(100, count=2_000)
        await crowd.settle()
        figures.note(f"a line is heard within {spread(line_times(crowd, listeners, start))}")
        return Expectations(undisturbed=crowd.everybody, messages=2_000)

    play(scenario, sqlite=True, servers=1, workers=2)
