"""The people who are told of a kick or a ban: those on the site who can know of the room."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.room import creation, membership, moderation, sanction_news, targets
from tests.support.moderating import MINUTES, on_page
from tests.support.presence import enter


@pytest.fixture
def expelled(lobby, alice, bob, process):
    """Return a function that says who is told of new kicks and bans, as (name of the room, why)."""
    people = {stay.connection_id: stay.name for stay in enter(lobby, alice, bob, process=process)}

    def found():
        changes = sanction_news.changed_since(timezone.now() - timedelta(minutes=1))
        rows = sanction_news.expulsions(changes)
        return [(people[pk], each.name, each.reason) for pk, each in rows]

    return found


def test_who_is_kicked_out_is_told_of_it(expelled, alice, bob):
    room = creation.create(alice, "Garden")
    membership.join(room.pk, bob)
    moderation.mute(on_page(alice), targets.of_account(bob), room.pk)
    moderation.kick(on_page(alice), targets.of_account(bob), room.pk, MINUTES, "spam")
    assert expelled() == [("bob", "Garden", "spam")]
    moderation.unban(on_page(alice), targets.of_account(bob), room.pk)
    assert expelled() == []


def test_who_was_never_in_a_private_room_does_not_learn_its_name(expelled, alice, bob):
    room = creation.create(alice, "Cellar", private=True)
    moderation.ban(on_page(alice), targets.of_account(bob), room.pk)
    assert expelled() == []
    moderation.unban(on_page(alice), targets.of_account(bob), room.pk)
    membership.invite(room.pk, bob, alice)
    moderation.ban(on_page(alice), targets.of_account(bob), room.pk, None, "rude")
    assert expelled() == [("bob", "Cellar", "rude")]
