"""The lock of a room, slow mode, and joining by request."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Membership, Message, Room
from chat.room import membership, room_rules, visits
from chat.room.refusal import RefusalCode
from tests.support.amending import edit, react, remove
from tests.support.moderating import entries, notices, on_page, outcome, site_moderator
from tests.support.presence import enter, say
from tests.support.rooms import refusal, roles


@pytest.fixture
def alices(garden, alice):
    return on_page(alice)


# Slow mode


def test_slow_mode_lets_everybody_say_one_thing_in_its_seconds(garden, stays, alices):
    room_rules.set_slow(alices, garden.pk, 3600)
    assert [outcome(say(garden, stay)) for stay in stays[1:]] == ["said", "said"]
    refused = say(garden, stays[1])
    assert refused.code is RefusalCode.TOO_SOON
    assert 3500 < refused.wait <= 3600
    move_back(garden, 3601)
    assert outcome(say(garden, stays[1])) == "said"


def move_back(room, seconds):
    """Let all lines of a room be some seconds older."""
    for message in Message.objects.filter(room=room):
        message.at -= timedelta(seconds=seconds)
        message.save(update_fields=["at"])


def test_slow_mode_holds_within_one_transaction(garden, stays, alices):
    room_rules.set_slow(alices, garden.pk, 30)
    assert outcome(say(garden, stays[1], "one", "two")) == "too_soon"


def test_slow_mode_does_not_hold_for_moderators(garden, stays, alices, carol):
    room_rules.set_slow(alices, garden.pk, 30)
    Membership.objects.filter(room=garden, user=carol).update(role="moderator")
    for stay in (stays[0], stays[2]):
        assert outcome(say(garden, stay, "one", "two")) == "said"


def test_what_was_said_before_slow_mode_does_not_count(garden, stays, alices):
    say(garden, stays[1])
    room_rules.set_slow(alices, garden.pk, 30)
    assert outcome(say(garden, stays[1])) == "said"


def test_slow_mode_holds_for_guests_and_each_room_on_its_own(lobby, garden, process, alice):
    root = on_page(site_moderator())
    stay, other = enter(None, "gus", "dora", process=process)
    room_rules.set_slow(root, lobby.pk, 60)
    say(lobby, stay)
    assert outcome(say(lobby, stay)) == "too_soon"
    assert outcome(say(lobby, other)) == "said"


def test_slow_mode_ends(garden, stays, alices):
    room_rules.set_slow(alices, garden.pk, 30)
    say(garden, stays[1])
    room_rules.set_slow(alices, garden.pk, 0)
    assert outcome(say(garden, stays[1])) == "said"


def test_a_removed_message_still_counts(garden, stays, alices):
    room_rules.set_slow(alices, garden.pk, 30)
    remove(garden, stays[1], say(garden, stays[1]).seq)
    assert outcome(say(garden, stays[1])) == "too_soon"


def test_slow_mode_needs_one_statement_for_a_batch(garden, stays, alices):
    def count():
        with CaptureQueriesContext(connection) as captured:
            say(garden, stays[1])
        return len(captured)

    before = count()
    room_rules.set_slow(alices, garden.pk, 30)
    assert count() == before + 1


# The lock


def test_only_moderators_speak_in_a_locked_room(garden, stays, alices, carol, said):
    room_rules.set_locked(alices, garden.pk, True)
    Membership.objects.filter(room=garden, user=carol).update(role="moderator")
    assert [outcome(say(garden, stay)) for stay in stays] == ["said", "locked", "said"]
    assert edit(garden, stays[1], said, "x") == react(garden, stays[1], said, "👍") == "locked"
    assert isinstance(remove(garden, stays[1], said), int)
    room_rules.set_locked(alices, garden.pk, False)
    assert outcome(say(garden, stays[1])) == "said"


def test_a_site_moderator_speaks_in_a_locked_room(garden, stays, alices, process):
    room_rules.set_locked(alices, garden.pk, True)
    (stay,) = enter(None, site_moderator(), process=process)
    assert outcome(say(garden, stay)) == "said"


# Joining by request


def test_moderators_decide_who_joins_a_room_by_request(garden, alices, bob, process):
    room_rules.set_by_request(alices, garden.pk, True)
    assert refusal(membership.join, garden.pk, bob) is RefusalCode.ASK_FIRST
    (stay,) = enter(None, bob, process=process)
    assert outcome(say(garden, stay)) == "ask_first"
    membership.invite(garden.pk, bob, alices.user)
    assert outcome(say(garden, stay)) == "said"


def test_a_site_moderator_joins_without_asking(garden, alices):
    room_rules.set_by_request(alices, garden.pk, True)
    membership.join(garden.pk, site_moderator())
    assert "serena" in roles(garden)


def test_a_guest_does_not_visit_a_room_by_request(garden, alices, process):
    Room.objects.filter(pk=garden.pk).update(guests_allowed=True)
    room_rules.set_by_request(alices, garden.pk, True)
    enter(None, "gus", process=process)
    from chat.models import Presence

    gus = Presence.objects.get(name="gus").pk
    assert refusal(visits.join, garden.pk, gus) is RefusalCode.NOT_ALLOWED


# Lines and entries


def test_each_change_of_a_rule_is_one_line_and_one_entry(garden, alices):
    for _ in range(2):
        room_rules.set_slow(alices, garden.pk, 30)
        room_rules.set_locked(alices, garden.pk, True)
        room_rules.set_by_request(alices, garden.pk, True)
    assert notices(garden) == ["slow 30", "locked", "by_request"]
    assert [action for action, _, _ in entries()] == ["slow", "lock", "rules"]


def test_slow_mode_has_bounds(garden, alices):
    for seconds in (-1, 6 * 60 * 60 + 1):
        assert refusal(room_rules.set_slow, alices, garden.pk, seconds) is RefusalCode.BAD_DURATION
