"""The time in which something is under way is counted once, however many there are."""

import pytest

from chat.live.busy_time import BusyTime

pytestmark = pytest.mark.same_on_every_database


def test_time_is_counted_while_at_least_one_is_under_way():
    now = 100
    subject = BusyTime(clock=lambda: now)
    now += 1
    assert subject.seconds == 0
    with subject:
        now += 2
        with subject:
            now += 3
        now += 4
        assert subject.seconds == 9
    now += 5
    assert subject.seconds == 9
    with subject:
        now += 6
    assert subject.seconds == 15


def test_one_that_fails_is_not_under_way_any_more():
    now = 0
    subject = BusyTime(clock=lambda: now)
    with pytest.raises(ValueError), subject:
        now += 1
        raise ValueError
    now += 1
    assert subject.seconds == 1
