"""Counting attempts to sign in."""

import pytest
from django.core.cache import cache

from chat.accounts import throttling

ADDRESS = "192.0.2.1"


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def attempts_until_refused(now):
    """Return the number of attempts until one is refused, and the seconds to wait then."""
    for attempts in range(1, 20):
        try:
            throttling.count_attempt(ADDRESS, "alice", now=lambda: now)
        except throttling.TooManyAttempts as error:
            return attempts, error.retry_after
    return None


def test_attempts_are_forgotten_when_the_window_ends():
    assert attempts_until_refused(now=300_010) == (11, 290)
    assert attempts_until_refused(now=300_310) == (11, 290)


def test_attempts_are_forgotten_after_the_right_password():
    assert attempts_until_refused(now=300_310) == (11, 290)
    throttling.forget_attempts(ADDRESS, "alice", now=lambda: 300_310)
    assert attempts_until_refused(now=300_310) == (11, 290)


@pytest.mark.parametrize(
    ("address", "neighbour", "same"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "", True),
        ("reset", "reset", True),
    ],
)
def test_the_addresses_of_one_network_are_counted_together(address, neighbour, same):
    def attempt(address):
        throttling.count_attempt(address, "alice", now=lambda: 300_010)

    for _ in range(10):
        attempt(address)
    if same:
        with pytest.raises(throttling.TooManyAttempts):
            attempt(neighbour)
    else:
        attempt(neighbour)
