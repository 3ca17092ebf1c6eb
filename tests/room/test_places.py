"""A message with those around it, and the first message of a day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Message
from chat.room import places
from chat.room.access import Reader
from tests.support.log import write_log

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader(alice):
    return Reader(alice.pk)


def at(room, seq):
    return Message.objects.get(room=room, seq=seq).at


def test_a_message_has_others_before_and_after_it(lobby, reader):
    write_log(lobby, 40)  # every fourth line is one of somebody who enters
    until, after = places.around(lobby.pk, 21, 4, reader)
    assert [line.seq for line in until] == [17, 18, 19, 21]
    assert [line.seq for line in after] == [22, 23, 25, 26]


def test_removed_messages_are_left_out_but_not_the_place_itself(lobby, reader):
    write_log(lobby, 10)
    Message.objects.filter(room=lobby, seq__in=[5, 6, 7]).update(removed=True)
    until, after = places.around(lobby.pk, 6, 3, reader)
    assert [(line.seq, line.text) for line in until] == [(2, "line 2"), (3, "line 3"), (6, "")]
    assert [line.seq for line in after] == [9, 10]


def test_the_place_of_a_message_that_was_deleted_is_before_the_oldest_one(lobby, reader):
    write_log(lobby, 10)
    Message.objects.filter(room=lobby, seq__lte=5).delete()
    until, after = places.around(lobby.pk, 3, 2, reader)
    assert until == []
    assert [line.seq for line in after] == [6, 7]


@pytest.mark.parametrize("seq", [1, 2, 57, 99, 100])
def test_the_first_message_since_its_own_moment_is_the_message_itself(lobby, reader, seq):
    write_log(lobby, 100)
    expected = seq + 1 if seq % 4 == 0 else seq
    found = places.first_since(lobby.pk, at(lobby, seq), reader)
    assert found == (expected if expected <= 100 else None)


def test_between_two_messages_the_later_one_is_found(lobby, reader):
    write_log(lobby, 20)
    moment = at(lobby, 6) + timedelta(seconds=1)
    assert places.first_since(lobby.pk, moment, reader) == 7


def test_before_all_messages_the_first_one_that_is_left_is_found(lobby, reader):
    write_log(lobby, 20)
    Message.objects.filter(room=lobby, seq__lte=5).delete()
    Message.objects.filter(room=lobby, seq=6).update(removed=True)
    assert places.first_since(lobby.pk, at(lobby, 7) - timedelta(days=9), reader) == 7


def test_after_all_messages_and_in_an_empty_room_nothing_is_found(lobby, reader):
    assert places.first_since(lobby.pk, timezone.now(), reader) is None
    write_log(lobby, 7)
    moment = at(lobby, 7) + timedelta(seconds=1)
    assert places.first_since(lobby.pk, moment, reader) is None


def test_who_may_not_read_the_room_finds_nothing(cellar, alice, bob):
    cellar.refresh_from_db()
    write_log(cellar, 10)
    moment = at(cellar, 3)
    assert places.first_since(cellar.pk, moment, Reader(alice.pk)) is not None
    assert places.first_since(cellar.pk, moment, Reader(bob.pk)) is None
    assert places.around(cellar.pk, 5, 5, Reader(bob.pk)) == ([], [])


def test_a_day_of_a_long_log_is_found_with_few_statements(
    lobby, reader, django_assert_max_num_queries
):
    write_log(lobby, 1_000)
    with django_assert_max_num_queries(15):
        assert places.first_since(lobby.pk, at(lobby, 333), reader) == 333
