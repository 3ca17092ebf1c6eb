"""Allowances draw on the budgets of a connection, a person and an address."""

import pytest

from chat.live import flood_limits
from chat.live.flood_limits import (
    ANSWER_SHARE,
    ENTERING_LINES,
    Allowance,
    FloodLimits,
    Limit,
    Limits,
    limits_of_settings,
)
from chat.live.token_bucket import Rate

pytestmark = pytest.mark.same_on_every_database

HERE, THERE, ELSEWHERE = ("192.0.2.1", 5001), ("192.0.2.2", 5002), ("192.0.2.3", 5003)
SMALL = Limits(
    connection=Limit(lines=Rate(10, 1), bytes=Rate(1000, 100)),
    person=Limit(lines=Rate(15, 1), bytes=Rate(1500, 100)),
    address=Limit(lines=Rate(25, 1), bytes=Rate(2500, 100)),
)


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limits(clock):
    return FloodLimits(SMALL, clock)


def lines_at_once(allowance, most=1000):
    """Return how many lines pass without a wait."""
    for count in range(most):
        if allowance.take(1, 0):
            allowance.give_back(1, 0)
            return count
    return most


def test_a_connection_has_limits_in_lines_and_in_bytes(limits):
    assert lines_at_once(limits.connection(HERE)) == 10
    allowance = limits.connection(THERE)
    assert allowance.take(1, 1000) == 0
    assert allowance.take(1, 50) == 0.5


def test_connections_of_one_address_share_its_budget(limits):
    connections = [limits.connection(HERE) for _ in range(4)]
    assert [lines_at_once(allowance) for allowance in connections] == [10, 10, 5, 0]
    assert lines_at_once(limits.connection(THERE)) == 10


def test_the_addresses_of_one_ipv6_network_share_its_budget(limits):
    clients = [(f"2001:db8:1:2::{number}", 5000) for number in range(1, 6)]
    assert sum(lines_at_once(limits.connection(client)) for client in clients) == 25
    assert lines_at_once(limits.connection(("2001:db8:1:3::1", 5000))) == 10


def test_connections_of_one_account_share_its_budget_over_all_addresses(limits):
    first, second, other = (limits.connection(address) for address in (HERE, THERE, ELSEWHERE))
    for allowance, user_id in ((first, 1), (second, 1), (other, 2)):
        limits.identify(allowance, user_id)
    assert [lines_at_once(a) for a in (first, second, other)] == [10, 5, 10]


def test_a_client_does_not_begin_anew_by_connecting_again(limits):
    total = sum(lines_at_once(limits.connection(HERE)) for _ in range(10))
    assert total == 25


def test_clients_without_an_address_share_one_budget(limits):
    assert sum(lines_at_once(limits.connection(None)) for _ in range(10)) == 25


def test_the_budgets_that_are_kept_for_later_are_bounded(limits, monkeypatch):
    monkeypatch.setattr(flood_limits, "KEPT_BUCKETS", 3)
    open_one = limits.connection(HERE)
    lines_at_once(open_one)
    for number in range(10):
        limits.connection((f"198.51.100.{number}", 5000))
    assert lines_at_once(limits.connection(HERE)) == 10  # its budget is in use
    lines_at_once(limits.connection(HERE))
    assert lines_at_once(limits.connection(HERE)) == 0
    del open_one
    for number in range(10):
        limits.connection((f"198.51.100.{number}", 5000))
    assert lines_at_once(limits.connection(HERE)) == 10
    assert sum(lines_at_once(limits.connection(("198.51.100.9", 5000))) for _ in range(5)) == 25


def test_answers_count_as_a_part_of_their_bytes(limits):
    allowance = limits.connection(HERE)
    allowance.charge_answer(int(1000 / ANSWER_SHARE))
    assert allowance.take(0, 100) == 1


def test_entering_costs_the_lines_that_the_log_gets(limits):
    allowance = limits.connection(HERE)
    allowance.charge_entering()
    assert lines_at_once(allowance) == 10 - ENTERING_LINES


def test_the_rate_of_an_address_holds_however_many_connections_it_has(limits, clock):
    said = 0
    begin = clock.now
    waiting = {}  # when each connection may go on
    connections = [limits.connection(HERE) for _ in range(8)]
    while clock.now < begin + 100:
        for allowance in connections:
            if waiting.get(allowance, 0) <= clock.now:
                said += 1
                waiting[allowance] = clock.now + allowance.take(1, 0)
        clock.now += 0.1
    assert 25 + 95 <= said <= 25 + 100 + len(connections)


def test_without_limits_nothing_waits(clock):
    limits = FloodLimits(None, clock)
    allowance = limits.connection(HERE)
    limits.identify(allowance, 1)
    assert allowance.take(10**9, 10**12) == 0
    assert Allowance().take(10**9, 10**12) == 0


def test_the_defaults_allow_usual_bursts_and_bound_an_address():
    limits = limits_of_settings()
    for limit in limits:
        assert limit.lines.burst >= 250
        assert limit.bytes.burst >= 256 * 1024
    assert limits.address.bytes.per_second <= 32 * 1024


def test_the_setting_turns_all_limits_off(settings):
    settings.FLOOD_LIMITS = None
    assert limits_of_settings() is None
