"""Mentions: whom a message names, who may say `@room`, and what is found later."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Ignored, Membership, Mention, Room, User
from chat.names.keys import key_of
from chat.room import creation, membership, mentions, reading, removing, transcript, unread
from chat.room.transcript import Saying
from tests.support.presence import enter, say


@pytest.fixture
def stays(garden, alice, bob, carol, process):
    """The stays of alice, who owns the garden, and of bob, a member of it; carol is none."""
    membership.join(garden.pk, bob)
    return enter(None, alice, bob, process=process)


def mentioned(room, seq=None):
    """Return the names that the messages of a room mention, sorted; "" for all members."""
    rows = Mention.objects.filter(room=room)
    names = rows.filter(seq=seq) if seq else rows
    return sorted(name or "" for name in names.values_list("user__username", flat=True))


def count(user, room):
    return unread.of_pairs([(user.pk, room.pk)])[user.pk, room.pk].mentions


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hello @bob", ["bob"]),
        ("@BOB, @b0b and @carol.", ["bob", "carol"]),
        ("@ann.b and @ann.c", ["ann", "ann.b"]),
        ("@alice talks to herself", []),
        ("@nobody @", []),
        ("bob", []),
    ],
)
def test_names_are_found_by_their_keys_the_longest_first(garden, stays, text, names):
    for name in ("ann", "ann.b"):
        User.objects.create_user(name)
    say(garden, stays[0], text)
    assert mentioned(garden) == names


def test_only_people_who_may_read_the_room_are_mentioned(cellar, alice, bob, stays):
    membership.invite(cellar.pk, bob, alice)
    say(cellar, stays[0], "@bob @carol")
    assert mentioned(cellar) == ["bob"]


def test_a_deactivated_account_is_not_mentioned(garden, stays):
    User.objects.filter(username="carol").update(is_active=False)
    say(garden, stays[0], "@bob @carol")
    assert mentioned(garden) == ["bob"]


def test_guests_mention_people_and_nobody_mentions_guests(lobby, bob, process):
    stay, _ = enter(None, "gus", bob, process=process)
    say(lobby, stay, "@bob @gus")
    assert mentioned(lobby) == ["bob"]


def test_a_message_without_a_sign_costs_no_statement(garden, stays):
    def statements(text):
        with CaptureQueriesContext(connection) as captured:
            say(garden, stays[0], text)
        return len(captured)

    plain = statements("hello")
    assert statements("hello @bob") > plain
    assert statements("hello") == plain


# @room


def test_moderators_mention_all_members_in_one_row(garden, alice, bob, stays):
    say(garden, stays[0], "@room: hello @bob and @carol")
    assert mentioned(garden) == ["", "carol"]
    assert (count(alice, garden), count(bob, garden)) == (0, 1)


def test_members_do_not_mention_all(garden, bob, alice, stays):
    say(garden, stays[1], "@room")
    assert mentioned(garden) == []
    membership.set_role(garden.pk, bob, "moderator", alice)
    say(garden, stays[1], "@ROOM")
    assert mentioned(garden) == [""]
    assert count(alice, garden) == 1


@pytest.mark.parametrize(("kind", "names"), [("open", [""]), ("private", [])])
def test_staff_mention_all_in_open_rooms_alone(garden, cellar, alice, bob, stays, kind, names):
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    room = {"open": garden, "private": cellar}[kind]
    if room == cellar:
        membership.invite(cellar.pk, bob, alice)
    say(room, stays[1], "@room")
    assert mentioned(room) == names


# Counting


def test_mentions_count_until_they_are_read_or_removed(garden, alice, bob, stays):
    first, second = (say(garden, stays[0], "@bob").seq for _ in range(2))
    assert count(bob, garden) == 2
    removing.remove(garden.pk, [first], alice)
    assert count(bob, garden) == 1
    membership.part(garden.pk, bob)
    membership.join(garden.pk, bob)
    assert count(bob, garden) == 0
    assert mentioned(garden, second) == ["bob"]


def test_somebody_whom_a_message_names_besides_all_is_mentioned_once(garden, carol, stays):
    said = say(garden, stays[0], "@room and @carol")
    membership.join(garden.pk, carol)
    reading.mark_unread(carol.pk, garden.pk, said.seq)
    assert mentioned(garden) == ["", "carol"]
    assert count(carol, garden) == 1
    Ignored.objects.create(user=carol, key=key_of("bob"), name="bob")
    assert count(carol, garden) == 1


def test_mentions_of_a_batch_in_several_rooms_take_four_statements(garden, lobby, stays):
    with CaptureQueriesContext(connection) as captured:
        transcript.say(
            [
                Saying(room.pk, stay.connection_id, text)
                for room in (garden, lobby)
                for stay in stays
                for text in ("@bob @carol", "@alice @room")
            ]
        )
    assert mentioned(garden) == ["", "alice", "bob", "carol", "carol"]
    about_mentions = [
        each["sql"]
        for each in captured
        if any(part in each["sql"] for part in ("chat_mention", "AS named", "membership.role"))
    ]
    assert len(about_mentions) == 4


# Reading


def test_the_newest_mentions_are_read_in_parts(garden, lobby, alice, bob, stays):
    say(garden, stays[0], "one @bob")
    say(lobby, stays[0], "two @bob")
    say(garden, stays[0], "three @room")
    first, second = mentions.newest(bob.pk, 2)
    assert [(each.room, each.line.text) for each in (first, second)] == [
        (garden, "three @room"),
        (lobby, "two @bob"),
    ]
    assert [each.line.text for each in mentions.newest(bob.pk, 2, second.id)] == ["one @bob"]
    assert mentions.newest(alice.pk, 2) == []


def test_mentions_by_people_who_are_ignored_are_not_found(
    garden, lobby, bob, stays, process, monkeypatch
):
    monkeypatch.setattr(mentions, "LOOKED_AT", 2)
    for number in range(3):
        say(garden, stays[0], f"{number} @bob @room")
        (guest,) = enter(None, f"te1ly {number}", process=process)
        say(lobby, guest, f"{number} @bob")
    for name in ("alice", "telly 1"):
        Ignored.objects.create(user=bob, key=key_of(name), name=name)
    assert [each.line.name for each in mentions.newest(bob.pk, 9)] == ["te1ly 2", "te1ly 0"]
    (first,) = mentions.newest(bob.pk, 1)
    assert [each.line.name for each in mentions.newest(bob.pk, 9, first.id)] == ["te1ly 0"]
    bob.ignored.all().delete()
    assert len(mentions.newest(bob.pk, 9)) == 6


def test_mentions_in_rooms_that_may_not_be_read_are_not_found(cellar, garden, alice, bob, stays):
    membership.invite(cellar.pk, bob, alice)
    say(cellar, stays[0], "@bob @room")
    assert len(mentions.newest(bob.pk, 9)) == 1
    membership.part(cellar.pk, bob)
    assert mentions.newest(bob.pk, 9) == []


def test_a_mention_in_a_room_that_is_lost_while_it_is_read_is_not_shown(cellar, alice, bob, stays):
    membership.invite(cellar.pk, bob, alice)
    say(cellar, stays[0], "@bob")

    def lose_after_first(execute, sql, *arguments):
        result = execute(sql, *arguments)
        if not lost and Mention._meta.db_table in sql:
            lost.append(cellar)
            Membership.objects.filter(room=cellar, user=bob).delete()
        return result

    lost = []
    with connection.execute_wrapper(lose_after_first):
        assert mentions.newest(bob.pk, 9) == []
    assert lost


def test_somebody_who_joins_later_was_not_mentioned(garden, carol, stays):
    say(garden, stays[0], "@room")
    membership.join(garden.pk, carol)
    assert mentions.newest(carol.pk, 9) == []
    say(garden, stays[0], "@room")
    assert len(mentions.newest(carol.pk, 9)) == 1


def test_direct_rooms_have_mentions_too(lobby, alice, bob, carol, stays):
    room = creation.open_direct(alice, [bob])
    say(room, stays[0], "@bob @carol")
    assert mentioned(room) == ["bob"]
    assert Room.objects.get(pk=room.pk).last_seq == 2
