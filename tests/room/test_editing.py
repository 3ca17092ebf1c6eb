"""Editing messages: who may do it, and until when; and what all changes have in common."""

import pytest

from chat.models import Access, Connection, Message, MessageVersion
from chat.room import alteration, editing, log, membership, mentions, presence, unread, visits
from chat.room.refusal import RefusalCode
from tests.support.amending import age, edit, line, react, remove, reply, restore
from tests.support.presence import enter, say


def versions(room, seq):
    rows = MessageVersion.objects.filter(room=room, seq=seq).order_by("number")
    return list(rows.values_list("number", "text"))


# Editing


def test_the_author_edits_a_message_and_the_version_before_is_kept(garden, stays, said):
    first_said_at = line(garden, said).at
    seq = edit(garden, stays[1], said, "hello there")
    message, edited = line(garden, said), line(garden, seq)
    assert (message.text, message.edited) == ("hello there", edited.at)
    assert (edited.kind, edited.name, edited.of) == ("edited", "bob", said)
    edit(garden, stays[1], said, "hello all")
    assert versions(garden, said) == [(1, "hello world"), (2, "hello there")]
    times = MessageVersion.objects.order_by("number").values_list("at", flat=True)
    assert list(times) == [first_said_at, edited.at]


def test_the_line_of_an_edit_stores_no_text_and_shows_the_present_one(garden, stays, said):
    seqs = [edit(garden, stays[1], said, text) for text in ("one", "two")]
    assert [line(garden, seq).text for seq in seqs] == ["two", "two"]
    stored = Message.objects.filter(room=garden, kind="edited").values_list("text", flat=True)
    assert set(stored) == {""}
    remove(garden, stays[1], said)
    assert [line(garden, seq).text for seq in seqs] == ["", ""]


def test_an_edit_to_the_same_text_changes_nothing(garden, stays, said):
    last = log.counters()[garden.pk].last_seq
    assert edit(garden, stays[1], said, "hello world") is None
    assert log.counters()[garden.pk].last_seq == last
    assert line(garden, said).edited is None


def test_nobody_edits_the_message_of_somebody_else(garden, stays, said):
    assert edit(garden, stays[0], said, "alice owns this room") == RefusalCode.NOT_ALLOWED
    assert line(garden, said).text == "hello world"


@pytest.mark.parametrize("place", ["joined", "nowhere", "removed"])
def test_only_a_message_that_is_there_is_edited(garden, stays, said, place):
    remove(garden, stays[1], said)
    seq = {"joined": 1, "nowhere": 10_000, "removed": said}[place]
    assert edit(garden, stays[1], seq, "x") == RefusalCode.NO_SUCH_MESSAGE


def test_a_message_is_edited_for_some_minutes(garden, stays, said, settings):
    age(garden, minutes=6)
    settings.EDIT_MINUTES = 5
    assert edit(garden, stays[1], said, "late") == RefusalCode.TOO_LATE
    settings.EDIT_MINUTES = 7
    assert isinstance(edit(garden, stays[1], said, "in time"), int)
    settings.EDIT_MINUTES = 0
    age(garden, minutes=10_000_000)
    assert isinstance(edit(garden, stays[1], said, "for ever"), int)


def test_edits_in_a_loop_end_at_a_number_of_versions(garden, stays, said, monkeypatch):
    monkeypatch.setattr(editing, "MAX_VERSIONS", 3)
    found = [edit(garden, stays[1], said, f"version {number}") for number in range(5)]
    assert found[3:] == [RefusalCode.TOO_MANY_EDITS] * 2
    assert len(versions(garden, said)) == 3
    assert line(garden, said).text == "version 2"


# Places


def test_nothing_changes_in_an_archived_room(garden, alice, stays, said):
    alteration.archive(garden.pk, alice)
    for result in (
        edit(garden, stays[1], said, "x"),
        remove(garden, stays[1], said),
        react(garden, stays[1], said, "👍"),
    ):
        assert result == RefusalCode.ARCHIVED


def test_a_member_who_has_left_changes_nothing(garden, bob, stays, said):
    membership.part(garden.pk, bob)
    for result in (edit(garden, stays[1], said, "x"), react(garden, stays[1], said, "👍")):
        assert result == RefusalCode.NOT_ALLOWED


def test_a_connection_that_has_ended_changes_nothing(garden, stays, said):
    presence.leave([stays[1].connection_id])
    assert edit(garden, stays[1], said, "x") == RefusalCode.NOT_IN_ROOM


# Guests


@pytest.fixture
def open_garden(garden, alice):
    alteration.set_access(garden.pk, Access.GUESTS, alice)
    return garden


def enter_and_join(room, name, process):
    """Let a guest enter, and visit a room unless it is the lobby."""
    (stay,) = enter(None, name, process=process)
    if not room.is_lobby:
        visits.join(room.pk, Connection.objects.get(pk=stay.connection_id).presence_id)
    return stay


@pytest.mark.parametrize("place", ["lobby", "garden"])
def test_a_guest_has_written_what_they_said_in_this_stay(lobby, open_garden, stays, process, place):
    room = {"lobby": lobby, "garden": open_garden}[place]
    first = enter_and_join(room, "grace", process)
    said = say(room, first, "hello").seq
    assert isinstance(edit(room, first, said, "hi"), int)
    presence.leave([first.connection_id])
    again = enter_and_join(room, "grace", process)
    assert edit(room, again, said, "forged") == RefusalCode.NOT_ALLOWED
    assert remove(room, again, said) == RefusalCode.NOT_ALLOWED
    own = say(room, again, "mine").seq
    removed = remove(room, again, own)
    assert isinstance(removed, int)
    presence.leave([again.connection_id])
    third = enter_and_join(room, "grace", process)
    assert restore(room, third, own) == RefusalCode.NOT_ALLOWED


def test_a_guest_takes_back_the_reactions_of_this_stay_alone(lobby, stays, process):
    said = say(lobby, stays[0], "hello").seq
    first = enter_and_join(lobby, "grace", process)
    react(lobby, first, said, "👍")
    presence.leave([first.connection_id])
    again = enter_and_join(lobby, "grace", process)
    assert react(lobby, again, said, "👍") is None
    assert react(lobby, again, said, "👍", on=False) == RefusalCode.NOT_ALLOWED
    react(lobby, again, said, "🎉")
    assert isinstance(react(lobby, again, said, "🎉", on=False), int)
    assert line(lobby, said).reactions == {"👍": ["grace"]}


def test_a_guest_and_an_account_of_the_same_name_are_two_people(lobby, stays, process, alice):
    (guest,) = enter(None, "grace", process=process)
    said = say(lobby, guest, "hello").seq
    presence.leave([guest.connection_id])
    grace = type(alice).objects.create_user("grace")
    (member,) = enter(None, grace, process=process)
    assert edit(lobby, member, said, "forged") == RefusalCode.NOT_ALLOWED


# Mentions and unread messages


def mentioned(room, seq):
    names = mentions.Mention.objects.filter(room=room, seq=seq)
    return sorted(names.values_list("user__username", flat=True))


def counts(user, room):
    found = unread.of_pairs([(user.pk, room.pk)])[user.pk, room.pk]
    return found.unread, found.mentions


def test_mentions_follow_an_edit_and_those_that_stay_keep_their_rows(garden, stays, alice, carol):
    said = say(garden, stays[1], "@alice look").seq
    (row,) = mentions.Mention.objects.filter(room=garden)
    edit(garden, stays[1], said, "@alice and @carol look")
    assert mentioned(garden, said) == ["alice", "carol"]
    assert mentions.Mention.objects.filter(pk=row.pk).exists()
    edit(garden, stays[1], said, "@carol look")
    assert mentioned(garden, said) == ["carol"]


def test_mentions_and_unread_messages_go_and_come_back(garden, stays, carol):
    before = counts(carol, garden)
    said = say(garden, stays[1], "@carol look").seq
    present = counts(carol, garden)
    assert present == (before[0] + 1, before[1] + 1)
    for number in range(3):
        edit(garden, stays[1], said, f"@carol look {number}")
        react(garden, stays[0], said, "👍", on=number % 2 == 0)
    assert counts(carol, garden) == present
    remove(garden, stays[1], said)
    assert counts(carol, garden) == before
    restore(garden, stays[1], said)
    assert counts(carol, garden) == present


def test_an_edit_of_a_reply_still_mentions_who_is_replied_to(garden, stays, said):
    answer = reply(garden, stays[2], said).seq
    edit(garden, stays[2], answer, "yes @alice")
    assert mentioned(garden, answer) == ["alice", "bob"]
    remove(garden, stays[2], answer)
    restore(garden, stays[2], answer)
    assert mentioned(garden, answer) == ["alice", "bob"]
