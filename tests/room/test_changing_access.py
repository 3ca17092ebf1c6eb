"""Changes of who may read a room, and what they mean for those who are there."""

import pytest

from chat.models import Access, Presence, Room, User, Visit
from chat.room import access, alteration, creation, log, membership, visits
from chat.room.access import Reader
from chat.room.refusal import RefusalCode
from tests.support.presence import enter, events, say
from tests.support.rooms import refusal


@pytest.fixture
def garden(lobby, alice):
    """A room that alice owns."""
    return creation.create(alice, "Garden")


@pytest.fixture
def gus(lobby, process):
    """The id of the presence of a guest."""
    enter(lobby, "gus", process=process)
    return Presence.objects.get(name="gus").pk


def access_now(room):
    return alteration.access_of(Room.objects.get(pk=room.pk))


@pytest.mark.parametrize("wanted", [Access.PRIVATE, Access.GUESTS])
def test_the_access_of_a_room_is_a_line_of_its_log(garden, alice, wanted):
    assert access_now(garden) is Access.OPEN
    for _ in range(2):  # the same once more changes nothing
        alteration.set_access(garden.pk, wanted, by=alice)
    assert access_now(garden) is wanted
    (line,) = log.after(garden.pk, 1, 10)
    assert (line.kind, line.name, line.text) == ("access", "alice", wanted.value)


def test_a_room_that_becomes_private_is_read_by_its_members_alone(garden, alice, bob):
    membership.join(garden.pk, bob)
    carol = User.objects.create_user("carol")
    assert access.may_read(garden.pk, Reader(carol.pk))
    alteration.set_access(garden.pk, Access.PRIVATE, by=alice)
    assert access.may_read(garden.pk, Reader(bob.pk))
    assert not access.may_read(garden.pk, Reader(carol.pk))


@pytest.mark.parametrize("wanted", [Access.PRIVATE, Access.OPEN])
def test_guests_leave_a_room_that_they_may_not_read_any_more(garden, alice, gus, wanted):
    alteration.set_access(garden.pk, Access.GUESTS, by=alice)
    visits.join(garden.pk, gus)
    alteration.set_access(garden.pk, wanted, by=alice)
    assert not Visit.objects.exists()
    assert events(garden)[2:] == [("joined", "gus"), ("parted", "gus"), ("access", "alice")]
    assert refusal(visits.join, garden.pk, gus) is RefusalCode.NO_SUCH_ROOM


def test_a_room_cannot_be_opened_under_the_name_of_an_open_one(garden, bob):
    other = creation.create(bob, "Garden", private=True)
    asked = alteration.set_access, other.pk, Access.OPEN, bob
    assert refusal(*asked) is RefusalCode.NAME_TAKEN
    assert access_now(other) is Access.PRIVATE


def test_only_owners_change_the_access(garden, bob):
    membership.join(garden.pk, bob)
    asked = alteration.set_access, garden.pk, Access.PRIVATE, bob
    assert refusal(*asked) is RefusalCode.NOT_ALLOWED


def test_the_lobby_and_direct_rooms_keep_their_access(lobby, alice, bob):
    alice.is_staff = True
    direct = creation.open_direct(alice, [bob])
    for room in (lobby, direct):
        asked = alteration.set_access, room.pk, Access.PRIVATE, alice
        assert refusal(*asked) is RefusalCode.NOT_ALLOWED


def test_the_statement_that_reads_messages_finds_none_for_others(lobby, alice, bob, process):
    cellar = creation.create(alice, "Cellar", private=True)
    (stay,) = enter(None, alice, process=process)
    say(cellar, stay, "a secret")
    for reader, texts in (
        (Reader(alice.pk), ["a secret"]),
        (Reader(bob.pk), []),
        (Reader(None), []),
    ):
        found = log.messages_until(cellar.pk, 99, 9, reader)
        assert [message.text for message in found] == texts
