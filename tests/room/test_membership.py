"""Rooms and their members: who may join, invite, leave and change them."""

import pytest

from chat.accounts import lifecycle
from chat.models import Membership, Presence, Room, User, Visit
from chat.room import (
    access,
    alteration,
    connections,
    log,
    membership,
    transcript,
    visits,
)
from chat.room.access import Reader
from chat.room.refusal import RefusalCode
from chat.room.transcript import Said, Saying
from tests.support.presence import enter, events, say
from tests.support.rooms import refusal, roles

# Joining and leaving


def test_an_account_joins_an_open_room_once(garden, bob):
    membership.join(garden.pk, bob)
    membership.join(garden.pk, bob)
    assert roles(garden) == {"alice": "owner", "bob": "member"}
    assert events(garden)[1:] == [("joined", "bob")]


def test_a_private_room_looks_like_none_to_others(cellar, bob):
    assert refusal(membership.join, cellar.pk, bob) is RefusalCode.NO_SUCH_ROOM
    assert refusal(membership.join, -1, bob) is RefusalCode.NO_SUCH_ROOM
    assert refusal(membership.invite, cellar.pk, bob, bob) is RefusalCode.NO_SUCH_ROOM
    assert not access.may_read(cellar.pk, Reader(bob.pk))


def test_members_invite_others_into_a_private_room(cellar, alice, bob, carol):
    membership.invite(cellar.pk, bob, alice)
    membership.invite(cellar.pk, carol, bob)
    assert [(line.name, line.text) for line in log.after(cellar.pk, 1, 9)] == [
        ("bob", "alice"),
        ("carol", "bob"),
    ]
    assert access.may_read(cellar.pk, Reader(carol.pk))


def test_leaving_a_private_room_ends_the_access_at_once(cellar, alice, bob):
    membership.invite(cellar.pk, bob, alice)
    membership.part(cellar.pk, bob)
    assert not access.may_read(cellar.pk, Reader(bob.pk))
    assert events(cellar)[-1] == ("parted", "bob")


def test_the_lobby_cannot_be_left(lobby, alice, process):
    Membership.objects.create(room=lobby, user=alice, since="2026-01-01T00:00Z")
    assert refusal(membership.part, lobby.pk, alice) is RefusalCode.NOT_ALLOWED


def test_a_room_keeps_an_owner_while_it_has_members(garden, alice, bob):
    membership.join(garden.pk, bob)
    assert refusal(membership.part, garden.pk, alice) is RefusalCode.LAST_OWNER
    assert refusal(membership.set_role, garden.pk, alice, "member", alice) is RefusalCode.LAST_OWNER
    membership.set_role(garden.pk, bob, "owner", alice)
    membership.part(garden.pk, alice)
    assert roles(garden) == {"bob": "owner"}
    membership.part(garden.pk, bob)
    assert roles(garden) == {}


def test_staff_who_are_no_members_leave_an_owner_to_a_room(garden, alice, bob, carol):
    bob.is_staff = True
    membership.join(garden.pk, carol)
    assert refusal(membership.remove, garden.pk, alice, bob) is RefusalCode.LAST_OWNER
    membership.set_role(garden.pk, carol, "owner", bob)
    membership.remove(garden.pk, alice, bob)
    assert roles(garden) == {"carol": "owner"}


def test_an_owner_who_is_deactivated_does_not_count(garden, alice, bob, carol):
    for user in (bob, carol):
        membership.join(garden.pk, user)
    membership.set_role(garden.pk, bob, "owner", alice)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert refusal(membership.part, garden.pk, alice) is RefusalCode.LAST_OWNER
    lifecycle.delete(alice)
    assert roles(garden) == {"bob": "owner", "carol": "owner"}


def test_members_who_are_deactivated_keep_nobody_in_a_room(garden, alice, bob):
    membership.join(garden.pk, bob)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    membership.part(garden.pk, alice)


# Roles


@pytest.mark.parametrize(
    ("actor", "target", "allowed"),
    [
        ("owner", "moderator", True),
        ("owner", "member", True),
        ("moderator", "member", True),
        ("moderator", "moderator", False),
        ("moderator", "owner", False),
        ("member", "member", False),
    ],
)
def test_only_a_higher_role_removes_a_member(garden, alice, bob, carol, actor, target, allowed):
    for person, role in ((bob, actor), (carol, target)):
        membership.join(garden.pk, person)
        membership.set_role(garden.pk, person, role, alice)
    if allowed:
        membership.remove(garden.pk, carol, bob)
        assert events(garden)[-1] == ("parted", "carol")
    else:
        assert refusal(membership.remove, garden.pk, carol, bob) is RefusalCode.NOT_ALLOWED
    assert ("carol" not in roles(garden)) == allowed


def test_a_stranger_learns_nothing_from_trying_to_change_a_private_room(cellar, bob, alice):
    for change, *arguments in (
        (alteration.set_topic, "x", bob),
        (alteration.rename, "x", bob),
        (alteration.archive, bob),
        (membership.set_role, alice, "member", bob),
    ):
        assert refusal(change, cellar.pk, *arguments) is RefusalCode.NO_SUCH_ROOM


def test_topic_and_name_are_lines_of_the_log(garden, alice, bob):
    membership.join(garden.pk, bob)
    assert refusal(alteration.set_topic, garden.pk, "mine", bob) is RefusalCode.NOT_ALLOWED
    alteration.set_topic(garden.pk, " Roses \n and weeds", alice)
    alteration.set_topic(garden.pk, "Roses and weeds", alice)
    alteration.rename(garden.pk, "Orchard", alice)
    garden.refresh_from_db()
    assert (garden.topic, garden.name, garden.slug) == ("Roses and weeds", "Orchard", "the-garden")
    changes = [(line.kind, line.text) for line in log.after(garden.pk, 2, 9)]
    assert changes == [("topic", "Roses and weeds"), ("renamed", "Orchard")]


# Speaking


def test_members_speak_in_their_rooms_and_nobody_else_does(cellar, alice, bob, process):
    mine, yours = enter(None, alice, bob, process=process)
    assert isinstance(say(cellar, mine), Said)
    assert say(cellar, yours).code is RefusalCode.NOT_ALLOWED
    membership.invite(cellar.pk, bob, alice)
    assert isinstance(say(cellar, yours), Said)
    membership.part(cellar.pk, bob)
    assert say(cellar, yours).code is RefusalCode.NOT_ALLOWED


def test_speaking_in_an_open_room_joins_it_once(garden, alice, bob, process):
    (stay,) = enter(None, bob, process=process)
    first, second = transcript.say(
        [Saying(garden.pk, stay.connection_id, text) for text in ("one", "two")]
    )
    assert [(line.seq, line.kind, line.name) for line in log.after(garden.pk, 1, 9)] == [
        (2, "joined", "bob"),
        (3, "said", "bob"),
        (4, "said", "bob"),
    ]
    assert [first.joined, first.line, second.line] == log.after(garden.pk, 1, 9)
    assert second.joined is None
    mine = Membership.objects.get(room=garden, user=bob)
    assert (mine.role, mine.read_seq) == ("member", 1)
    assert say(garden, stay).joined is None


def test_nobody_speaks_or_joins_in_an_archived_room(garden, alice, bob, process):
    (stay,) = enter(None, alice, process=process)
    alteration.archive(garden.pk, alice)
    assert say(garden, stay).code is RefusalCode.ARCHIVED
    assert refusal(membership.join, garden.pk, bob) is RefusalCode.ARCHIVED
    for change in (alteration.set_topic, alteration.rename):
        assert refusal(change, garden.pk, "new", alice) is RefusalCode.ARCHIVED
    assert access.may_read(garden.pk, Reader(bob.pk))
    alteration.reopen(garden.pk, alice)
    assert isinstance(say(garden, stay), Said)
    assert refusal(alteration.archive, Room.first().pk, alice) is RefusalCode.NOT_ALLOWED


# Guests


@pytest.fixture
def gus(lobby, process):
    """The stay of a guest, and the id of his presence."""
    (stay,) = enter(lobby, "gus", process=process)
    return stay, Presence.objects.get(name="gus").pk


def test_guests_join_only_open_rooms_that_allow_guests(garden, cellar, gus):
    stay, presence_id = gus
    for room in (garden, cellar):
        assert refusal(visits.join, room.pk, presence_id) is RefusalCode.NO_SUCH_ROOM
    Room.objects.update(guests_allowed=True)
    assert refusal(visits.join, cellar.pk, presence_id) is RefusalCode.NO_SUCH_ROOM
    assert say(garden, stay).code is RefusalCode.NOT_ALLOWED
    visits.join(garden.pk, presence_id)
    assert isinstance(say(garden, stay), Said)
    visits.part(garden.pk, presence_id)
    assert say(garden, stay).code is RefusalCode.NOT_ALLOWED


def test_a_guest_who_leaves_the_site_leaves_its_rooms(garden, gus, alice, process):
    _, presence_id = gus
    Room.objects.update(guests_allowed=True)
    visits.join(garden.pk, presence_id)
    connections.disconnect_people([presence_id])
    assert not Visit.objects.exists()
    assert events(garden)[1:] == [("joined", "gus"), ("parted", "gus")]


def test_guests_enter_the_site_if_the_lobby_allows_guests(lobby, alice, process):
    Room.objects.update(guests_allowed=False)
    refused, stay = enter(None, "gus", alice, process=process)
    assert refused.code is RefusalCode.NOT_ALLOWED
    assert stay.name == "alice"
    Room.objects.update(guests_allowed=True)
    (stay,) = enter(None, "gus", process=process)
    assert stay.name == "gus"


def test_an_account_is_no_visitor(garden, alice, process):
    enter(None, alice, process=process)
    Room.objects.update(guests_allowed=True)
    alone = Presence.objects.get().pk
    assert refusal(visits.join, garden.pk, alone) is RefusalCode.NO_SUCH_ROOM


def test_everybody_who_connects_is_a_member_of_the_lobby(lobby, alice, bob, process):
    enter(None, alice, "gus", process=process)
    enter(None, alice, bob, process=process)
    assert roles(lobby) == {"alice": "member", "bob": "member"}
