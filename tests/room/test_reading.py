"""Read positions: saved in batches, never back, never beyond the last line."""

import random
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Membership
from chat.room import creation, finding, log, membership, reading
from chat.room.reading import ReadPosition
from chat.room.refusal import RefusalCode, Refused
from tests.support.presence import enter, say
from tests.support.threads import together

READERS, TURNS = 4, 20


@pytest.fixture
def stay(garden, alice, bob, process):
    """The stay of alice, who has said three messages in the garden, which bob has not read."""
    membership.join(garden.pk, bob)
    (stay,) = enter(None, alice, process=process)
    say(garden, stay, "one", "two", "three")
    return stay


def position(user, room):
    return Membership.objects.get(user=user, room=room).read_seq


def advance(user, room, seq):
    (saved,) = reading.advance([ReadPosition(user.pk, room.pk, seq)])
    return saved and saved.seq


def test_a_position_goes_forward_only(garden, bob, stay):
    assert advance(bob, garden, 3) == 3
    assert advance(bob, garden, 4) == 4
    assert advance(bob, garden, 3) is None
    assert position(bob, garden) == 4


def test_a_position_is_never_beyond_the_last_line(garden, bob, stay):
    assert advance(bob, garden, 10**12) == log.counters()[garden.pk].last_seq
    assert advance(bob, garden, 10**12) is None


def test_nobody_but_members_has_a_position(garden, carol, stay):
    assert advance(carol, garden, 3) is None
    assert reading.advance([ReadPosition(carol.pk, -1, 1)]) == [None]
    assert reading.advance([]) == []


def test_one_statement_saves_the_positions_of_a_batch(garden, cellar, alice, bob, stay):
    wanted = [
        ReadPosition(bob.pk, garden.pk, 3),
        ReadPosition(alice.pk, garden.pk, 4),
        ReadPosition(bob.pk, garden.pk, 4),
        ReadPosition(bob.pk, cellar.pk, 1),
    ]
    with CaptureQueriesContext(connection) as statements:
        saved = reading.advance(wanted)
    assert len([each for each in statements if "UPDATE" in each["sql"]]) == 1
    assert saved == [wanted[2], wanted[1], wanted[2], None]


def test_other_processes_find_what_has_changed(garden, alice, bob, stay):
    before = timezone.now() - timedelta(seconds=1)
    assert reading.changed_since(before) == []
    saved = reading.advance([ReadPosition(bob.pk, garden.pk, 4)])
    assert reading.changed_since(before) == saved
    assert reading.changed_since(timezone.now() + timedelta(seconds=1)) == []


def test_saving_a_position_needs_no_lock_of_the_room(garden, bob, stay):
    with CaptureQueriesContext(connection) as statements:
        advance(bob, garden, 4)
    assert not [each for each in statements if "UPDATE OF room" in each["sql"]]


def test_the_room_that_was_read_last_is_found(lobby, garden, cellar, alice, bob, stay):
    assert finding.last_read(alice.pk) == lobby
    advance(alice, cellar, 1)
    advance(alice, garden, 5)
    assert finding.last_read(alice.pk) == garden
    assert finding.last_read(bob.pk) == lobby
    advance(bob, garden, 5)
    membership.part(garden.pk, bob)
    assert finding.last_read(bob.pk) == lobby


def test_a_direct_room_that_was_left_is_not_the_room_that_was_read_last(lobby, alice, bob):
    direct = creation.open_direct(alice, [bob])
    reading.mark_unread(alice.pk, direct.pk, 1)
    assert finding.last_read(alice.pk) == direct
    membership.part(direct.pk, alice)
    assert finding.last_read(alice.pk) == lobby


# Marking as unread


def test_lines_are_marked_as_unread_from_a_number_on(garden, bob, stay):
    advance(bob, garden, 5)
    assert reading.mark_unread(bob.pk, garden.pk, 4) == ReadPosition(bob.pk, garden.pk, 3)
    assert reading.mark_unread(bob.pk, garden.pk, 4) is None
    assert reading.mark_unread(bob.pk, garden.pk, 0) == ReadPosition(bob.pk, garden.pk, 0)
    assert position(bob, garden) == 0


def test_a_line_that_was_never_read_cannot_be_marked_as_unread(garden, bob, carol, stay):
    assert reading.mark_unread(bob.pk, garden.pk, 9) is None
    assert reading.mark_unread(carol.pk, garden.pk, 1) is None


# Level


def test_a_member_sets_what_it_is_told_of(garden, bob, carol, stay):
    reading.set_level(bob.pk, garden.pk, "mentions")
    assert Membership.objects.get(user=bob, room=garden).level == "mentions"
    with pytest.raises(Refused) as refused:
        reading.set_level(carol.pk, garden.pk, "mentions")
    assert refused.value.code is RefusalCode.NO_SUCH_ROOM
    with pytest.raises(ValueError):
        reading.set_level(bob.pk, garden.pk, "loud")


def test_a_member_makes_a_room_a_favourite(garden, bob, carol, stay):
    for wanted in (True, False):
        reading.set_favourite(bob.pk, garden.pk, wanted=wanted)
        assert Membership.objects.get(user=bob, room=garden).favourite is wanted
    with pytest.raises(Refused) as refused:
        reading.set_favourite(carol.pk, garden.pk, wanted=True)
    assert refused.value.code is RefusalCode.NO_SUCH_ROOM


# Several at the same time


def test_overlapping_batches_in_any_order_never_deadlock(garden, alice, bob, stay):
    rooms = [creation.create(alice, name) for name in ("attic", "kitchen", "hall")]
    for room in rooms:
        membership.join(room.pk, bob)
        say(room, stay, *["hello"] * TURNS)
    pairs = [(user.pk, room.pk) for user in (alice, bob) for room in (garden, *rooms)]

    def read(reader):
        choose = random.Random(reader)
        for seq in range(TURNS):
            chosen = choose.sample(pairs, choose.randint(2, len(pairs)))
            reading.advance([ReadPosition(*pair, seq) for pair in chosen])

    def talk():
        for turn in range(TURNS):
            say(rooms[turn % len(rooms)], stay)

    def come_and_go():
        for turn in range(TURNS):
            room_id = rooms[-turn % len(rooms)].pk
            membership.part(room_id, bob)
            membership.join(room_id, bob)

    readers = [partial(read, reader) for reader in range(READERS)]
    together(*readers, talk, come_and_go)
