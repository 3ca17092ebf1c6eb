"""The index of the search has the time that saving leaves, and always a little."""

import pytest

from chat.live import search_pace
from chat.live.search_pace import FULLY_BUSY, LEAST, LEAST_STEP, MOST, earned, next_limit, owed
from chat.search import keeping

pytestmark = pytest.mark.same_on_every_database


@pytest.mark.parametrize("busy", [FULLY_BUSY, 0.9, 1])
def test_while_as_much_is_saved_as_possible_steps_have_the_least_time(busy):
    assert earned(10, 10 * busy) == pytest.approx(10 * LEAST)


def test_while_nothing_is_saved_pauses_are_the_shortest():
    assert earned(0.05, 0) == pytest.approx(0.05 * MOST)


def test_the_less_is_saved_the_more_time_steps_have():
    shares = [earned(1, busy / 100) for busy in range(101)]
    assert shares == sorted(shares, reverse=True)
    assert LEAST < earned(1, 0.5) < MOST / 2


def test_a_long_pause_earns_as_much_as_short_ones():
    assert earned(10, 4) == pytest.approx(10 * earned(1, 0.4))
    assert earned(0, 0) == 0


@pytest.mark.parametrize("vendor", search_pace.STEP_SECONDS)
def test_the_next_step_takes_about_as_long_as_a_step_should(vendor):
    right = search_pace.STEP_SECONDS[vendor]
    assert next_limit(100, right, vendor) == 100
    assert next_limit(100, 2 * right, vendor) == 50
    assert next_limit(100, right / 2, vendor) == 200


@pytest.mark.parametrize("vendor", search_pace.STEP_SECONDS)
def test_a_step_is_neither_tiny_nor_huge(vendor):
    assert next_limit(20, 60, vendor) == LEAST_STEP
    assert next_limit(500, 0.0001, vendor) == keeping.MAX_STEP


@pytest.mark.parametrize("vendor", search_pace.STEP_SECONDS)
def test_a_step_that_had_to_wait_stops_the_index_for_seconds_and_not_for_minutes(vendor):
    usual = search_pace.STEP_SECONDS[vendor]
    assert owed(usual, vendor) == usual
    assert owed(5.5, vendor) <= earned(30, 30)
