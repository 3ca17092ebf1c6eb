"""An account has a limited number of connections; one more replaces the oldest."""

import pytest

from chat.models import Connection, User
from chat.room import connections, presence, replacement
from chat.room.refusal import RefusalCode, Refused
from tests.support.make_members import letters
from tests.support.presence import enter, events

LIMIT = 3


@pytest.fixture(autouse=True)
def limit(settings):
    settings.MAX_CONNECTIONS_PER_ACCOUNT = LIMIT


def connection_ids():
    return list(Connection.objects.order_by("pk").values_list("pk", flat=True))


def test_one_connection_more_replaces_the_oldest_without_a_line(lobby, alice, bob, process):
    (others,) = enter(lobby, bob, process=process)
    stays = enter(lobby, *[alice] * LIMIT, process=process)
    assert all(stay.replaced == frozenset() for stay in stays)
    (newest,) = enter(lobby, alice, process=process)
    assert newest.replaced == {stays[0].connection_id}
    assert connection_ids() == [
        others.connection_id,
        *(stay.connection_id for stay in (*stays[1:], newest)),
    ]
    assert events(lobby) == [("entered", "bob"), ("entered", "alice")]


def test_too_many_that_enter_at_once_are_refused_but_for_the_newest(lobby, alice, bob, process):
    (before,) = enter(lobby, alice, process=process)
    results = enter(lobby, alice, bob, *[alice] * (LIMIT + 1), process=process)
    refused = [result.code for result in results if isinstance(result, Refused)]
    assert refused == [RefusalCode.REPLACED] * 2
    stays = [result for result in results if not isinstance(result, Refused)]
    assert connection_ids() == [stay.connection_id for stay in stays]
    assert before.connection_id in stays[-1].replaced


def test_lost_connections_do_not_count(lobby, alice, process):
    stays = enter(lobby, *[alice] * LIMIT, process=process)
    presence.lose([stays[2].connection_id])
    (newest,) = enter(lobby, alice, process=process)
    assert newest.replaced == frozenset()


def test_a_replaced_connection_is_told_from_one_that_somebody_has_ended(lobby, alice, bob, process):
    stays = enter(lobby, *[alice] * LIMIT, process=process)
    enter(lobby, *[bob] * LIMIT, alice, process=process)
    oldest, second = (stay.connection_id for stay in stays[:2])
    assert replacement.was_replaced(alice.pk, oldest)
    assert not replacement.was_replaced(alice.pk, second)
    connections.disconnect(user_id=alice.pk)
    assert not replacement.was_replaced(alice.pk, oldest)


def test_many_accounts_that_enter_take_no_more_queries(
    lobby, process, django_assert_max_num_queries
):
    users = [User.objects.create_user(f"user{letters(number)}") for number in range(30)]
    enter(lobby, *users, process=process)
    with django_assert_max_num_queries(14):
        enter(lobby, *users, *users, *users, process=process)
    assert Connection.objects.count() == 30 * LIMIT
