"""The lists of rooms for one person."""

import pytest

from chat.models import Room
from chat.room import creation, listing, membership, reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def members_of_the_lobby(lobby, alice, bob):
    membership.add_to_lobby(lobby, [alice.pk, bob.pk])


def slugs(found):
    return [room.slug for room in found.own], [room.slug for room in found.others]


def test_own_rooms_come_first_and_others_that_may_be_joined_by_name(lobby, alice, bob):
    tea, garden = creation.create(alice, "Tea"), creation.create(alice, "garden")
    archived = creation.create(alice, "Attic")
    Room.objects.filter(pk=archived.pk).update(archived=True)
    creation.create(alice, "Cellar", private=True)
    assert slugs(listing.read(bob.pk, [])) == (["lobby"], ["garden", "tea"])
    membership.join(tea.pk, bob)
    assert slugs(listing.read(bob.pk, [])) == (["lobby", "tea"], ["garden"])
    assert slugs(listing.read(None, [])) == (["lobby"], [])
    Room.objects.filter(pk__in=[tea.pk, garden.pk]).update(guests_allowed=True)
    assert slugs(listing.read(None, [])) == (["lobby"], ["garden", "tea"])
    assert slugs(listing.read(None, [tea.pk])) == (["lobby", "tea"], ["garden"])


def test_favourites_come_before_the_other_rooms_of_an_account(lobby, bob):
    rooms = [creation.create(bob, name) for name in ("Attic", "Barn", "Cellar")]
    reading.set_favourite(bob.pk, rooms[1].pk, wanted=True)
    assert slugs(listing.read(bob.pk, [])) == (["lobby", "barn", "attic", "cellar"], [])


def test_the_lists_are_bounded(lobby, alice, bob, monkeypatch):
    for name in ("one", "two", "three"):
        creation.create(alice, name)
    monkeypatch.setattr(listing, "MAX_OTHERS", 2)
    monkeypatch.setattr(listing, "MAX_OWN", 1)
    assert slugs(listing.read(bob.pk, []))[1] == ["one", "three"]
    assert len(listing.read(alice.pk, []).own) == 1


def test_the_number_of_rooms_does_not_change_the_number_of_statements(
    lobby, alice, bob, django_assert_num_queries
):
    with django_assert_num_queries(2):
        listing.read(bob.pk, [])
    for name in ("one", "two", "three"):
        creation.create(alice, name)
    with django_assert_num_queries(3):
        listing.read(bob.pk, [])
