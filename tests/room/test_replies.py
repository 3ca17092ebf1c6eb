"""Replies: what they quote, and whom they mention."""

import pytest

from chat.models import Mention
from chat.room import creation, log, membership
from chat.room.refusal import RefusalCode
from chat.room.transcript import Saying
from chat.room.transcript import say as say_all
from tests.support.amending import edit, line, remove, reply, restore
from tests.support.presence import enter, say


@pytest.fixture
def stays(garden, alice, bob, process):
    membership.join(garden.pk, bob)
    return enter(None, alice, bob, process=process)


def mentioned(room):
    names = Mention.objects.filter(room=room).values_list("user__username", flat=True)
    return sorted(names)


def test_a_reply_quotes_the_first_words_of_a_message_in_one_line(garden, stays):
    said = say(garden, stays[0], "one\n  two " + "x" * 200).seq
    result = reply(garden, stays[1], said)
    found = line(garden, result.seq)
    assert found == result.line
    assert found.of == said
    assert found.quote == {"name": "alice", "text": "one two " + "x" * 92}


def test_a_quote_has_no_marks_of_formatting(garden, stays):
    said = say(garden, stays[0], "- **one** 👍\n- `two` \\*three").seq
    answer = reply(garden, stays[1], said)
    assert answer.line.quote["text"] == "one 👍 two *three"
    edit(garden, stays[0], said, "~~four~~")
    assert line(garden, answer.seq).quote["text"] == "four"


def test_a_quote_shows_the_present_message(garden, stays):
    said = say(garden, stays[0], "hello").seq
    answer = reply(garden, stays[1], said).seq
    edit(garden, stays[0], said, "good morning")
    assert line(garden, answer).quote == {"name": "alice", "text": "good morning"}
    remove(garden, stays[0], said)
    assert line(garden, answer).quote == {"name": "alice", "text": "", "removed": True}
    assert reply(garden, stays[1], said).line.quote["removed"]


def test_a_reply_that_was_removed_quotes_nothing_until_it_is_restored(garden, stays):
    said = say(garden, stays[0], "hello").seq
    answer = reply(garden, stays[1], said).seq
    remove(garden, stays[1], answer)
    assert line(garden, answer).quote is None
    restored = restore(garden, stays[1], answer)
    quote = {"name": "alice", "text": "hello"}
    assert line(garden, answer).quote == line(garden, restored).quote == quote


def test_a_reply_needs_a_message_of_the_same_room(garden, lobby, stays):
    elsewhere = say(lobby, stays[0], "in the lobby").seq
    last = log.counters()[garden.pk].last_seq
    for seq in (1, last + 1, last + 1000, elsewhere + 1000):
        assert reply(garden, stays[1], seq).code == RefusalCode.NO_SUCH_MESSAGE
    assert log.counters()[garden.pk].last_seq == last


def test_a_reply_is_refused_alone(garden, stays):
    said = say(garden, stays[0], "hello").seq
    saying = Saying(garden.pk, stays[1].connection_id, "yes")
    results = say_all([saying._replace(reply=seq) for seq in (said, 10_000, None)])
    assert [getattr(result, "seq", None) for result in results] == [said + 1, None, said + 2]


def test_a_reply_mentions_who_is_replied_to_once(garden, stays):
    said = say(garden, stays[0], "hello").seq
    reply(garden, stays[1], said, "yes @alice")
    assert mentioned(garden) == ["alice"]


def test_a_reply_mentions_who_is_replied_to_without_naming_them(garden, stays):
    said = say(garden, stays[0], "hello").seq
    reply(garden, stays[1], said, "yes")
    assert mentioned(garden) == ["alice"]


def test_a_reply_to_oneself_mentions_nobody(garden, stays):
    said = say(garden, stays[0], "hello").seq
    reply(garden, stays[0], said, "yes")
    assert mentioned(garden) == []


def test_a_reply_does_not_mention_who_may_not_read_the_room(lobby, alice, bob, carol, process):
    room = creation.create(alice, "Secrets", private=True)
    for person in (bob, carol):
        membership.invite(room.pk, person, alice)
    stays = enter(None, alice, bob, carol, process=process)
    said = [say(room, stay, "hello").seq for stay in stays[1:]]
    membership.remove(room.pk, bob, alice)
    for seq in said:
        reply(room, stays[0], seq)
    assert mentioned(room) == ["carol"]


def test_a_reply_to_a_guest_mentions_nobody(lobby, alice, process):
    stays = enter(None, alice, "grace", process=process)
    said = say(lobby, stays[1], "hello").seq
    assert reply(lobby, stays[0], said).line.quote == {"name": "grace", "text": "hello"}
    assert mentioned(lobby) == []
