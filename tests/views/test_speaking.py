"""Saying something from a page: the flood limits hold there too."""

import pytest

from chat.live.flood_limits import FloodLimits, Limit, Limits
from chat.live.token_bucket import Rate
from chat.views.speaking import TooFast, check_flood

pytestmark = pytest.mark.same_on_every_database

MANY = Limit(lines=Rate(1000, 1000), bytes=Rate(100_000, 1000))
FEW = Limit(lines=Rate(2, 1), bytes=Rate(100, 1))


def test_messages_of_pages_count_for_the_limits_of_the_person():
    now = [0.0]
    limits = FloodLimits(Limits(connection=MANY, person=FEW, address=MANY), clock=lambda: now[0])
    for _ in range(2):
        check_flood(limits, 1, "192.0.2.1", "hello")
    with pytest.raises(TooFast):
        check_flood(limits, 1, "192.0.2.2", "hello")
    check_flood(limits, 2, "192.0.2.1", "hello")
    now[0] += 1
    check_flood(limits, 1, "192.0.2.1", "hello")
    now[0] += 100
    with pytest.raises(TooFast):
        check_flood(limits, 1, "192.0.2.1", "x" * 101)


def test_without_limits_everybody_may_go_on():
    for _ in range(100):
        check_flood(FloodLimits(None), 1, "", "hello")
