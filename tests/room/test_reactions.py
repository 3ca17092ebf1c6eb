"""Reactions: the rules without a database, and their lines."""

import pytest

from chat.models import Message
from chat.room import forgetting, log, membership, reactions
from chat.room.amending import amend
from chat.room.amendment import Amendment
from chat.room.reactions import MAX_KINDS, MAX_REACTIONS, MAX_SIZE, applied
from chat.room.refusal import RefusalCode
from tests.support.amending import line, react, remove
from tests.support.presence import enter, say
from tests.support.rooms import refusal

FACES = [chr(0x1F600 + number) for number in range(MAX_KINDS + 1)]


def test_names_stand_in_their_order_and_once():
    found = applied(applied(None, "bob", "👍"), "ann", "👍")
    assert found == {"👍": ["bob", "ann"]}
    assert applied(found, "bob", "👍") == {"👍": ["ann", "bob"]}
    assert applied(found, "bob", "-👍") == {"👍": ["ann"]}
    assert applied({"👍": ["bob"]}, "bob", "-👍") == {}


def test_a_reaction_that_is_there_changes_nothing():
    assert reactions.react({"👍": ["bob"]}, "bob", "👍") is None
    assert reactions.react({"👍": ["bob"]}, "ann", "-👍") is None
    assert reactions.react(None, "ann", "-👍") is None


def test_both_forms_of_an_emoji_are_one_kind():
    heart, plain = "❤\ufe0f", "❤"
    assert reactions.react({heart: ["bob"]}, "ann", plain) == ({heart: ["bob", "ann"]}, heart)
    assert reactions.react({heart: ["bob"]}, "bob", f"-{plain}") == ({}, f"-{heart}")


def test_a_message_has_a_bounded_number_of_kinds():
    full = {face: ["bob"] for face in FACES[:MAX_KINDS]}
    assert reactions.react(full, "ann", FACES[0]) is not None
    assert refusal(reactions.react, full, "ann", FACES[-1]) == RefusalCode.TOO_MANY_REACTIONS


def test_a_message_has_a_bounded_number_of_reactions():
    names = [f"g{number}" for number in range(MAX_REACTIONS)]
    assert refusal(reactions.react, {"👍": names}, "ann", "👍") == RefusalCode.TOO_MANY_REACTIONS
    assert reactions.react({"👍": names}, names[0], "-👍") is not None


def test_the_reactions_to_a_message_have_a_bounded_size():
    names = ["𐍈" * 60 + str(number) for number in range(MAX_SIZE // 240)]
    assert refusal(reactions.react, {"👍": names}, "ann", "👍") == RefusalCode.TOO_MANY_REACTIONS


# On the database


@pytest.fixture
def stays(garden, alice, bob, process):
    membership.join(garden.pk, bob)
    return enter(None, alice, bob, process=process)


@pytest.fixture
def said(garden, stays):
    return say(garden, stays[0], "hello").seq


def lines(room):
    found = log.after(room.pk, 0, 1000)
    return [(line.name, line.text, line.of) for line in found if line.kind == "reacted"]


def test_a_reaction_is_a_line_and_stands_at_its_message(garden, stays, said):
    react(garden, stays[1], said, "👍")
    react(garden, stays[0], said, "👍")
    assert react(garden, stays[1], said, "👍") is None
    assert line(garden, said).reactions == {"👍": ["bob", "alice"]}
    react(garden, stays[1], said, "👍", on=False)
    react(garden, stays[0], said, "👍", on=False)
    assert line(garden, said).reactions is None
    assert Message.objects.filter(room=garden, seq=said, reactions__isnull=True).exists()
    names = [("bob", "👍"), ("alice", "👍"), ("bob", "-👍"), ("alice", "-👍")]
    assert lines(garden) == [(*pair, said) for pair in names]


def test_reactions_of_one_batch_are_all_kept(garden, stays, said):
    results = amend(
        [
            Amendment(garden.pk, stay.connection_id, said, Message.Kind.REACTED, text)
            for stay, text in ((stays[0], "👍"), (stays[1], "👍"), (stays[1], "🎉"))
        ]
    )
    assert [result.seq for result in results] == [said + 1, said + 2, said + 3]
    assert line(garden, said).reactions == {"👍": ["alice", "bob"], "🎉": ["bob"]}


def test_nobody_reacts_to_a_message_that_was_removed(garden, stays, said):
    remove(garden, stays[0], said)
    assert react(garden, stays[1], said, "👍") == RefusalCode.NO_SUCH_MESSAGE


def test_reactions_without_end_stop_at_the_bound(garden, stays, said, monkeypatch):
    monkeypatch.setattr(reactions, "MAX_KINDS", 3)
    found = [react(garden, stays[1], said, face) for face in FACES]
    assert found[3:] == [RefusalCode.TOO_MANY_REACTIONS] * (len(FACES) - 3)
    assert len(lines(garden)) == 3


def test_a_deleted_account_has_no_name_in_reactions(garden, stays, said, bob):
    react(garden, stays[0], said, "👍")
    react(garden, stays[1], said, "👍")
    react(garden, stays[1], said, "🎉")
    forgetting.forget_author(bob)
    assert line(garden, said).reactions == {
        "👍": ["alice", "deleted user"],
        "🎉": ["deleted user"],
    }
    assert not Message.objects.filter(room=garden, name="bob").exists()
