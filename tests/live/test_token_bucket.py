"""The token bucket, with a clock that the test moves."""

import pytest

from chat.live.token_bucket import Rate, TokenBucket

START = 1000.0


@pytest.fixture
def bucket():
    return TokenBucket(Rate(burst=10, per_second=2))


def test_a_burst_passes_at_once_and_more_has_to_wait(bucket):
    assert [bucket.take(1, START) for _ in range(12)] == [0] * 10 + [0.5, 1.0]


def test_the_bucket_fills_at_its_rate_and_not_above_its_burst(bucket):
    bucket.take(10, START)
    assert bucket.take(4, START + 2) == 0
    assert bucket.take(1, START + 2) == 0.5
    assert bucket.take(10, START + 1000) == 0
    assert bucket.take(1, START + 1000) == 0.5


def test_a_single_amount_above_the_burst_waits_for_what_is_missing(bucket):
    assert bucket.take(30, START) == 10


def test_those_who_wait_have_turns_in_the_order_in_which_they_asked(bucket):
    bucket.take(10, START)
    assert [bucket.take(2, START), bucket.take(2, START + 0.5)] == [1, 1.5]


def test_what_is_given_back_can_be_taken_again(bucket):
    bucket.take(10, START)
    assert bucket.take(6, START) == 3
    bucket.take(-6, START + 1)
    assert bucket.take(2, START + 1) == 0


def test_what_is_taken_over_a_long_time_is_the_rate(bucket):
    now = START
    for taken in range(1, 1000):
        now += bucket.take(1, now)
        assert taken <= 10 + (now - START) * 2 + 0.001
