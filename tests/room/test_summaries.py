"""Summaries of rooms: what the list of rooms shows, for many members in one statement."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Room, User
from chat.room import (
    alteration,
    creation,
    finding,
    membership,
    moderation_rules,
    reading,
    summaries,
)
from tests.support.presence import enter, say


def of_member(user):
    return summaries.of_members([user.pk])[user.pk]


def named(user):
    return {summary.name or "direct": summary for summary in of_member(user)}


def test_the_lobby_comes_first_and_the_others_in_the_order_of_their_ids(
    lobby, garden, cellar, alice, process
):
    enter(None, alice, process=process)
    assert [summary.id for summary in of_member(alice)] == [lobby.pk, garden.pk, cellar.pk]


def test_a_summary_has_everything_that_the_list_shows(garden, alice, bob, process):
    (stay,) = enter(None, bob, process=process)
    alteration.set_topic(garden.pk, "Roses", alice)
    membership.join(garden.pk, bob)
    reading.advance([reading.ReadPosition(alice.pk, garden.pk, 2)])
    reading.set_favourite(alice.pk, garden.pk, wanted=True)
    say(garden, stay, "one", "two")
    assert named(alice)["The Garden"] == summaries.RoomSummary(
        id=garden.pk,
        slug="the-garden",
        name="The Garden",
        kind="open",
        topic="Roses",
        last=5,
        read=2,
        unread=2,
        mentions=0,
        level="all",
        role="owner",
        archived=False,
        guests=False,
        favourite=True,
        people=[],
        moderate=moderation_rules.actions_of(
            "open", "owner", is_lobby=False, is_site_moderator=False
        ),
    )
    assert not named(bob)["The Garden"].favourite


def test_one_statement_reads_the_rooms_of_many_members(garden, cellar, alice, bob, carol):
    membership.join(garden.pk, bob)
    creation.open_direct(alice, [bob])
    with CaptureQueriesContext(connection) as statements:
        found = summaries.of_members([alice.pk, bob.pk, carol.pk])
    assert len(statements) == 1
    assert {pk: len(rooms) for pk, rooms in found.items()} == {alice.pk: 3, bob.pk: 1, carol.pk: 0}


def test_a_direct_room_has_the_names_of_the_others(lobby, alice, bob, carol):
    room = creation.open_direct(alice, [carol, bob, User.objects.create_user("Bea")])
    assert summaries.of_room(room.pk, alice.pk).people == ["Bea", "bob", "carol"]
    assert summaries.of_room(room.pk, bob.pk).people == ["alice", "Bea", "carol"]
    assert finding.title(room, bob.pk) == "alice, Bea, carol"


# Direct rooms that are not shown


def test_a_direct_room_is_shown_to_the_others_when_something_is_said(lobby, alice, bob, process):
    (stay,) = enter(None, alice, process=process)
    room = creation.open_direct(alice, [bob])
    assert [summary.id for summary in of_member(alice)][1:] == [room.pk]
    assert of_member(bob) == []
    say(room, stay)
    assert [(summary.id, summary.unread) for summary in of_member(bob)] == [(room.pk, 1)]


def test_a_direct_room_that_was_left_is_shown_again_when_something_is_said(
    lobby, alice, bob, process
):
    (stay,) = enter(None, alice, process=process)
    room = creation.open_direct(alice, [bob])
    say(room, stay)
    membership.part(room.pk, bob)
    assert of_member(bob) == []
    result = say(room, stay)
    assert [summary.unread for summary in of_member(bob)] == [1]
    reading.advance([reading.ReadPosition(bob.pk, room.pk, result.seq)])
    assert [summary.unread for summary in of_member(bob)] == [0]


# Access


def test_somebody_who_is_no_member_sees_an_open_room_as_read(garden, bob):
    summary = summaries.of_room(garden.pk, bob.pk)
    assert (summary.role, summary.unread, summary.level) == (None, 0, "nothing")
    assert summary.read == summary.last == 1


def test_rooms_that_may_not_be_read_have_no_summary(garden, cellar, bob):
    assert summaries.of_room(cellar.pk, bob.pk) is None
    assert summaries.of_room(-1, bob.pk) is None
    assert summaries.of_room(garden.pk, None) is None
    Room.objects.update(guests_allowed=True)
    assert summaries.of_room(garden.pk, None).role is None
    assert summaries.of_room(cellar.pk, None) is None


def test_one_statement_reads_one_room_for_many_people(garden, cellar, alice, bob, carol):
    pairs = [(user.pk, room.pk) for user in (alice, bob, carol) for room in (garden, cellar)]
    with CaptureQueriesContext(connection) as statements:
        found = summaries.of_pairs(pairs)
    assert len(statements) == 1
    assert set(pairs) - set(found) == {(bob.pk, cellar.pk), (carol.pk, cellar.pk)}
