"""The creation of rooms: their names, addresses and first members."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Membership, Message, Room, User
from chat.room import access, alteration, creation, membership
from chat.room.access import Reader
from chat.room.refusal import RefusalCode
from tests.support.presence import events
from tests.support.rooms import refusal, roles


def test_the_creator_of_a_room_owns_it(garden, alice):
    assert roles(garden) == {"alice": "owner"}
    assert events(garden) == [("created", "alice")]
    assert (garden.slug, garden.kind) == ("the-garden", "open")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("The Garden", "the-garden-2"),
        ("  Tea & Biscuits  ", "tea-biscuits"),
        ("Zürich Straße", "zurich-strasse"),
        ("x" * 64, "x" * 26),
        ("--- a ---", "a"),
    ],
)
def test_an_open_room_has_a_readable_address(garden, alice, name, slug):
    Room.objects.filter(pk=garden.pk).update(name="renamed", key="renamed")
    assert creation.create(alice, name).slug == slug


def test_rooms_without_latin_letters_and_private_rooms_have_random_addresses(cellar, alice):
    assert len({creation.create(alice, name).slug for name in ("庭", "🌻", "сад")}) == 3
    assert "cellar" not in cellar.slug
    assert len(cellar.slug) == 12


def test_two_open_rooms_cannot_have_one_name(garden, cellar, bob):
    assert refusal(creation.create, bob, "The Garden") is RefusalCode.NAME_TAKEN
    assert refusal(creation.create, bob, " The  Garden ") is RefusalCode.NAME_TAKEN
    for name in ("the garden", "The Gаrden", "The Gardеn", "L0bby"):
        assert refusal(creation.create, bob, name) is RefusalCode.NAME_TAKEN
    creation.create(bob, "Cellar")  # a private room does not show by this that it exists


HIDDEN, TOWER = "Gar\u200bden", "z" + "\u0301" * 5


@pytest.mark.parametrize("name", [HIDDEN, TOWER, "#garden", "@alice", "* alice", "＠alice"])
def test_a_name_that_could_be_taken_for_something_else_is_refused(lobby, alice, name):
    assert refusal(creation.create, alice, name) is RefusalCode.BAD_NAME
    room = creation.create(alice, "Garden 👨‍👩‍👧 #1")
    assert refusal(alteration.rename, room.pk, name, alice) is RefusalCode.BAD_NAME


@pytest.mark.parametrize("name", ["", "  ", "\x00", "x" * 65])
def test_a_name_that_is_empty_or_too_long_is_refused(lobby, alice, name):
    assert refusal(creation.create, alice, name) is RefusalCode.BAD_NAME


def test_only_staff_create_rooms_if_the_site_says_so(lobby, alice, bob, settings):
    settings.ROOM_CREATION = "staff"
    assert refusal(creation.create, bob, "Attic") is RefusalCode.NOT_ALLOWED
    assert refusal(creation.create, bob, "Attic", private=True) is RefusalCode.NOT_ALLOWED
    creation.open_direct(bob, [alice])
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.refresh_from_db()
    assert creation.may_create(bob)
    creation.create(bob, "Attic")


def test_an_account_creates_a_bounded_number_of_rooms_in_an_hour(lobby, alice, bob, monkeypatch):
    monkeypatch.setattr(creation, "MAX_CREATED", 2)
    creation.create(alice, "Attic", private=True)
    direct = creation.open_direct(alice, [bob])
    assert refusal(creation.create, alice, "Barn") is RefusalCode.TOO_MANY_CREATED
    other = User.objects.create_user("dave")
    assert refusal(creation.open_direct, alice, [other]) is RefusalCode.TOO_MANY_CREATED
    assert not Room.objects.filter(kind="direct").exclude(pk=direct.pk).exists()
    assert creation.open_direct(alice, [bob]) == direct  # it is there already
    creation.create(bob, "Barn")
    Message.objects.filter(kind="created").update(at=timezone.now() - timedelta(minutes=61))
    creation.create(alice, "Cave")


# Direct rooms


def test_the_same_people_have_one_direct_room(lobby, alice, bob, carol):
    room = creation.open_direct(alice, [bob])
    assert creation.open_direct(bob, [alice]) == room
    assert creation.open_direct(bob, [alice, bob]) == room
    assert creation.open_direct(alice, [bob, carol]) != room
    assert roles(room) == {"alice": "member", "bob": "member"}


def test_a_direct_room_has_two_to_eight_people(lobby, alice):
    many = [User.objects.create_user(f"user{letter}") for letter in "abcdefgh"]
    assert refusal(creation.open_direct, alice, [alice]) is RefusalCode.NOT_ALLOWED
    assert refusal(creation.open_direct, alice, many) is RefusalCode.NOT_ALLOWED
    creation.open_direct(alice, many[:7])


def test_the_people_of_a_direct_room_never_change(lobby, alice, bob, carol):
    room = creation.open_direct(alice, [bob])
    assert refusal(membership.invite, room.pk, carol, alice) is RefusalCode.NOT_ALLOWED
    assert refusal(membership.remove, room.pk, bob, alice) is RefusalCode.NOT_ALLOWED
    assert refusal(membership.join, room.pk, carol) is RefusalCode.NO_SUCH_ROOM


def test_a_direct_room_that_was_left_is_hidden_until_it_is_opened_again(lobby, alice, bob):
    room = creation.open_direct(alice, [bob])
    membership.part(room.pk, alice)
    assert Membership.objects.get(user=alice).hidden
    assert access.may_read(room.pk, Reader(alice.pk))
    creation.open_direct(alice, [bob])
    assert not Membership.objects.get(user=alice).hidden
