"""Budgets of attempts, and the counters that all processes share."""

import logging

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis import Redis as Client

from chat.accounts import budgets, counters
from chat.accounts.budgets import Limit, TooManyAttempts
from chat.accounts.counter_stores import Count, CountersAway, DatabaseCounters, LocalCounters
from chat.accounts.redis_counters import RedisCounters
from chat.models import Counter
from tests.support.services import Redis

pytestmark = pytest.mark.django_db

NOW = 300_010
TRIES = Limit("tries", 3, 300)
ALL_TRIES = Limit("all tries", 5, 3600)


@pytest.fixture
def new_process():
    """A function that makes this process forget, as a new one that joins the site."""
    return budgets.refusals.clear


def spend(*spent, now=NOW):
    """Spend budgets; return the seconds to wait, or None."""
    try:
        budgets.spend(*spent, now=lambda: now)
    except TooManyAttempts as error:
        return error.retry_after
    return None


def test_a_budget_is_used_up_until_its_window_ends():
    waits = [spend(TRIES.of("ann")) for _ in range(5)]

    assert waits == [None, None, None, 290, 290]
    assert spend(TRIES.of("bob")) is None
    assert spend(TRIES.of("ann"), now=300_299) == 1
    assert spend(TRIES.of("ann"), now=300_300) is None


def test_the_parts_of_a_subject_are_kept_apart():
    for _ in range(3):
        spend(TRIES.of("ann", "bob"))

    assert spend(TRIES.of("ann", "bob")) == 290
    assert spend(TRIES.of("ann bob")) is None
    assert spend(TRIES.of("ann", "bob", "")) is None


def test_a_used_up_budget_costs_the_others_nothing():
    for _ in range(10):
        spend(TRIES.of("ann"), ALL_TRIES.of())

    assert [spend(ALL_TRIES.of()) for _ in range(3)] == [None, None, 3600 - NOW % 3600]


def test_the_longest_wait_counts():
    for _ in range(3):
        spend(TRIES.of("ann"))
    for _ in range(5):
        spend(ALL_TRIES.of())

    assert spend(TRIES.of("ann"), ALL_TRIES.of()) == 3600 - NOW % 3600


def test_an_attempt_is_taken_back_and_a_count_is_forgotten():
    for _ in range(3):
        spend(TRIES.of("ann"))
    budgets.take_back(TRIES.of("ann"), now=lambda: NOW)
    after_one = [spend(TRIES.of("ann")) for _ in range(2)]
    budgets.reset(TRIES.of("ann"), now=lambda: NOW)
    after_all = [spend(TRIES.of("ann")) for _ in range(4)]

    assert after_one == [None, 290]
    assert after_all == [None, None, None, 290]


def test_other_processes_share_the_counts(new_process):
    for _ in range(3):
        spend(TRIES.of("ann"))
    new_process()

    assert spend(TRIES.of("ann")) == 290


def test_a_used_up_budget_is_refused_without_the_database():
    for _ in range(4):
        spend(TRIES.of("ann"))
    with CaptureQueriesContext(connection) as queries:
        waits = {spend(TRIES.of("ann")) for _ in range(100)}
        with pytest.raises(TooManyAttempts):
            budgets.check(TRIES.of("ann"), now=lambda: NOW)

    assert waits == {290}
    assert not queries


def test_take_back_lets_another_attempt_through_at_once_in_the_process_that_refused(new_process):
    for _ in range(4):
        spend(TRIES.of("ann"))
    budgets.take_back(TRIES.of("ann"), now=lambda: NOW)

    assert spend(TRIES.of("ann")) is None


# The places of counters


@pytest.fixture(params=["database", "redis", "memory"])
def store(request):
    if request.param == "redis":
        return RedisCounters(request.getfixturevalue("redis").url)
    return DatabaseCounters() if request.param == "database" else LocalCounters()


def test_every_store_counts_takes_back_and_forgets(store, request):
    one, other = (Count(f"{request.node.name[-20:]} {n}", 2**40) for n in (1, 2))

    assert store.add([one, other], NOW) == {one.key: 1, other.key: 1}
    assert store.add([other], NOW) == {other.key: 2}
    store.take_back([other], NOW)
    assert store.add([other, one], NOW) == {one.key: 2, other.key: 2}
    store.remove([one.key])
    assert store.add([one, other], NOW) == {one.key: 1, other.key: 3}


def test_counters_of_the_database_are_removed_when_they_have_expired():
    DatabaseCounters().add([Count("old", NOW + 1), Count("new", NOW + 300)], NOW)
    DatabaseCounters().add([Count("next", NOW + 300)], NOW + 1)

    assert set(Counter.objects.values_list("key", flat=True)) == {"new", "next"}


def test_the_number_of_counters_in_the_database_is_bounded():
    store = DatabaseCounters(most=3)
    store.add([Count(f"{n}", NOW + 1) for n in range(3)], NOW)

    with pytest.raises(CountersAway):
        DatabaseCounters(most=3).add([Count("next", NOW + 1)], NOW)
    assert DatabaseCounters(most=3).add([Count("next", NOW + 300)], NOW + 1) == {"next": 1}


def test_the_number_of_counters_in_memory_is_bounded():
    store = LocalCounters(most=3)
    for number in range(10):
        store.add([Count(f"{number}", NOW + 300)], NOW)

    assert len(store) == 3
    assert store.add([Count("9", NOW + 300)], NOW) == {"9": 2}


def test_redis_forgets_counters_by_itself(redis):
    store = RedisCounters(redis.url)
    store.add([Count("short", NOW + 300)], NOW)

    with Client.from_url(redis.url) as client:
        assert 300 <= client.ttl(f"{RedisCounters.PREFIX}short") <= 400


def test_each_process_counts_for_itself_while_the_store_is_away(caplog):
    store = FailingStore()
    shared = counters.SharedCounters(store, retry_pause=0)
    count = Count("ann", NOW + 300)
    caplog.set_level(logging.INFO)

    first = shared.add([count], NOW)
    store.away = True
    during = [shared.add([count], NOW)["ann"] for _ in range(3)]
    shared.take_back([count], NOW)
    during.append(shared.add([count], NOW)["ann"])
    store.away = False
    after = [shared.add([count], NOW)["ann"] for _ in range(2)]

    assert first == {"ann": 1}
    assert during == [1, 2, 3, 3]
    assert after == [2, 3]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_store_that_is_away_is_not_asked_again_at_once():
    store = FailingStore()
    store.away = True
    shared = counters.SharedCounters(store, retry_pause=3600)
    for _ in range(10):
        shared.add([Count("ann", NOW + 300)], NOW)

    assert store.asked == 1


class FailingStore(LocalCounters):
    """Counters that can be away."""

    away = False
    asked = 0

    def add(self, counts, now):
        self.asked += 1
        if self.away:
            raise CountersAway("as the test wants")
        return super().add(counts, now)

    def take_back(self, counts, now):
        if self.away:
            raise CountersAway("as the test wants")
        return super().take_back(counts, now)


def test_a_redis_that_is_away_is_reported_as_away(redis_that_dies):
    store = RedisCounters(redis_that_dies.url)
    counts = [Count("ann", NOW + 300)]
    assert store.add(counts, NOW) == {"ann": 1}
    redis_that_dies.kill()

    for call in (lambda: store.add(counts, NOW), lambda: store.remove(["ann"])):
        with pytest.raises(CountersAway):
            call()


def test_a_connection_to_redis_that_was_lost_is_replaced(redis):
    store = RedisCounters(redis.url)
    store.remove(["lost"])
    store.add([Count("lost", NOW + 300)], NOW)
    with Client.from_url(redis.url) as client:
        client.client_kill_filter(_type="normal", skipme=True)

    assert store.add([Count("lost", NOW + 300)], NOW) == {"lost": 2}


@pytest.fixture
def redis_that_dies():
    with Redis() as service:
        yield service
