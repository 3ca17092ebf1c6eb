"""The people of a room besides the lobby: its members, online first, and visiting guests."""

import pytest

from chat.models import Membership, Presence, Room, User
from chat.room import log, membership, people, visits
from chat.room.people import RoomPerson
from tests.support.presence import enter


def test_members_are_there_online_or_not_and_guests_while_they_visit(
    garden, alice, bob, carol, process
):
    for person in (bob, carol):
        membership.join(garden.pk, person)
    enter(None, carol, "gus", process=process)
    Room.objects.filter(pk=garden.pk).update(guests_allowed=True)
    visits.join(garden.pk, Presence.objects.get(name="gus").pk)
    since = dict(Membership.objects.filter(room=garden).values_list("user", "since"))
    counters, found = people.here(garden.pk)
    assert counters == log.counters()[garden.pk]
    assert found == [
        RoomPerson("carol", False, True, "member", since[carol.pk]),
        RoomPerson("gus", True, True),
        RoomPerson("alice", False, False, "owner", since[alice.pk]),
        RoomPerson("bob", False, False, "member", since[bob.pk]),
    ]


def test_deactivated_accounts_are_not_there(garden, alice):
    User.objects.update(is_active=False)
    counters, found = people.here(garden.pk)
    assert (counters, found) == (log.counters()[garden.pk], [])


def test_those_online_come_first_when_there_are_too_many(
    garden, alice, bob, carol, process, monkeypatch
):
    for person in (bob, carol):
        membership.join(garden.pk, person)
    enter(None, carol, process=process)
    monkeypatch.setattr(people, "HERE", people.HERE.replace("LIMIT 500", "LIMIT 2"))
    assert [person.name for person in people.here(garden.pk)[1]] == ["carol", "alice"]


def test_a_room_that_does_not_exist_has_no_people(lobby):
    with pytest.raises(Room.DoesNotExist):
        people.here(-1)
