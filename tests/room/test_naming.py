"""Rooms and people as somebody names them."""

import pytest

from chat.models import Room, User
from chat.names.usernames import MAX_TYPED_USERNAME, MAX_USERNAME
from chat.room import creation, membership, naming
from chat.room.refusal import RefusalCode
from tests.support.rooms import refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def rooms(lobby, alice):
    """Open rooms of alice, by name."""
    return {name: creation.create(alice, name) for name in ("Garden", "Garden Party", "Ünder")}


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("garden", "Garden", ""),
        ("#garden hello", "Garden", "hello"),
        ("#GARDEN", "Garden", ""),
        ("garden hello there", "Garden", "hello there"),
        ("garden party", "Garden Party", ""),
        ("Garden  PARTY hello", "Garden Party", "hello"),
        ("#garden party", "Garden", "party"),
        ('"garden" party', "Garden", "party"),
        ('"Garden Party" hello', "Garden Party", "hello"),
        ("garden-party hello", "Garden Party", "hello"),
        ("Ünder x", "Ünder", "x"),
    ],
)
def test_a_room_is_named_by_its_address_or_by_the_longest_name(rooms, bob, text, name, rest):
    assert naming.room(text, bob.pk) == (rooms[name].pk, rest)


def test_a_room_is_also_found_by_a_name_that_looks_the_same(rooms, alice, bob):
    assert naming.room("Gаrden Pаrty", alice.pk) == (rooms["Garden Party"].pk, "")
    assert naming.room("Gаrden Pаrty", bob.pk) == (rooms["Garden Party"].pk, "")


def test_a_room_of_ones_own_goes_before_another_with_the_same_name(rooms, alice, bob):
    own = creation.create(bob, "Garden Party", private=True)
    assert naming.room("garden party", bob.pk).room_id == own.pk
    assert naming.room("garden party", alice.pk).room_id == rooms["Garden Party"].pk
    assert naming.room("garden-party", bob.pk).room_id == rooms["Garden Party"].pk


def test_nobody_can_create_a_room_that_takes_the_messages_for_a_room_of_ones_own(lobby, alice, bob):
    board = creation.create(bob, "Board", private=True)
    creation.create(alice, "Board meeting")
    assert creation.create(alice, "Board").slug == "board"
    assert naming.room("board the plan", bob.pk) == (board.pk, "the plan")
    assert naming.room("board meeting at five", bob.pk) == (board.pk, "meeting at five")
    assert naming.room('"board" the plan', bob.pk) == (board.pk, "the plan")


def test_a_whole_argument_is_a_name_before_its_beginning_is(rooms, bob):
    membership.join(rooms["Garden"].pk, bob)
    assert naming.room("garden party", bob.pk) == (rooms["Garden Party"].pk, "")


@pytest.mark.parametrize("text", ["", "#", "# x", "nowhere", "@", "@alice", "@bob", '""'])
def test_what_names_no_room_is_refused(rooms, alice, text):
    code = refusal(naming.room, text, alice.pk)
    assert code in (RefusalCode.NO_SUCH_ROOM, RefusalCode.NO_SUCH_PERSON)


def test_rooms_that_may_not_be_read_are_not_found(rooms, alice, bob):
    cellar = creation.create(alice, "Cellar", private=True)
    direct = creation.open_direct(alice, [bob])
    for text in ("Cellar", f"#{cellar.slug}", cellar.slug, direct.slug):
        assert refusal(naming.room, text, bob.pk) is RefusalCode.NO_SUCH_ROOM
    assert refusal(naming.room, "garden", None) is RefusalCode.NO_SUCH_ROOM
    Room.objects.filter(pk=rooms["Garden"].pk).update(guests_allowed=True)
    assert naming.room("garden", None).room_id == rooms["Garden"].pk
    assert naming.room("lobby hi", None) == (Room.first().pk, "hi")
    membership.invite(cellar.pk, bob, alice)
    assert naming.room("cellar", bob.pk).room_id == cellar.pk


def test_a_direct_room_is_named_by_the_other_people(lobby, alice, bob):
    eve = User.objects.create_user("eve")
    two, three = creation.open_direct(alice, [bob]), creation.open_direct(alice, [bob, eve])
    assert naming.room("@BOB hi", alice.pk) == (two.pk, "hi")
    assert naming.room("@alice", bob.pk) == (two.pk, "")
    assert naming.room("@eve,bob hi", alice.pk) == (three.pk, "hi")
    assert naming.room("@alice, eve hi", bob.pk) == (three.pk, "hi")
    assert refusal(naming.room, "@alice", eve.pk) is RefusalCode.NO_SUCH_ROOM
    assert refusal(naming.room, "@alice,bob", None) is RefusalCode.NO_SUCH_ROOM


@pytest.mark.parametrize(
    ("text", "names", "rest"),
    [
        ("alice hello", ["alice"], "hello"),
        ("@Alice hello bob", ["alice"], "hello bob"),
        ("аlice", ["alice"], ""),
        ("alice,bob hello", ["alice", "bob"], "hello"),
        ("alice, bob hello", ["alice", "bob"], "hello"),
        ('"alice" bob', ["alice"], "bob"),
    ],
)
def test_people_are_named_by_names_with_their_keys(alice, bob, text, names, rest):
    assert naming.people(text) == (names, rest)


@pytest.mark.parametrize("text", ["", "@", "carol hi", "alice,carol hi", '"alice b" hi', "," * 100])
def test_names_of_nobody_are_refused(alice, text):
    assert refusal(naming.people, text) is RefusalCode.NO_SUCH_PERSON


def test_as_many_people_can_be_named_as_a_direct_room_has(alice):
    others = [User.objects.create_user(f"{letter * (MAX_USERNAME - 1)}x") for letter in "bcdefgh"]
    names = [user.username for user in others]
    assert naming.people(", ".join(names) + " hello") == (names, "hello")
    room = creation.open_direct(alice, others)
    assert naming.room("@" + ",".join(names), alice.pk) == (room.pk, "")


def test_the_exact_name_goes_before_one_that_looks_the_same(alice):
    older = User.objects.create_user("older")
    User.objects.filter(pk=older.pk).update(username="аlice")  # with a Cyrillic letter
    found = naming.accounts(["alice", "аlice", "ALICE", "nobody"])
    assert {name: user.pk for name, user in found.items()} == {
        "alice": alice.pk,
        "аlice": older.pk,
        "ALICE": alice.pk,
    }
    User.objects.filter(pk=older.pk).update(is_active=False)
    assert naming.accounts(["аlice"]) == {}


def test_inactive_accounts_are_nobody(alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert refusal(naming.people, "alice") is RefusalCode.NO_SUCH_PERSON


def test_names_that_are_too_long_for_accounts_are_not_looked_for(alice, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert naming.accounts(["ﷺ" * (MAX_TYPED_USERNAME + 1)]) == {}


def test_many_rooms_and_words_take_one_statement(rooms, alice, django_assert_num_queries):
    with django_assert_num_queries(1):
        naming.room("garden " + "word " * 2000, alice.pk)
    with django_assert_num_queries(1):
        naming.people("alice " + "word " * 2000)
