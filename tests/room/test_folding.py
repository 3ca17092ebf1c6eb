"""Messages after lines that have changed them, without a database."""

import random

import pytest

from chat.room import folding
from chat.room.folding import changed, up_to_date
from tests.support.fake_log import NOON, line

pytestmark = pytest.mark.same_on_every_database

HELLO = line(1, text="hello")
REPLY = line(2, of=1)._replace(quote=HELLO.as_quoted())
SPANS = [[0, 2, "bold"]]


def change(kind, seq=9, **fields):
    return line(seq, kind, of=1, text=fields.pop("text", " "))._replace(**fields)


def test_an_edit_changes_the_message_and_its_quotes():
    edit = change("edited", text="bye", spans=SPANS, edited=NOON)
    message = changed(HELLO, edit)
    assert (message.text, message.spans, message.edited) == ("bye", SPANS, NOON)
    assert changed(REPLY, edit).quote == {"name": "alice", "text": "bye"}
    assert changed(REPLY, edit).text == "2"


def test_a_removal_takes_the_content_of_the_message_wherever_it_is_shown():
    removal = change("removed")
    assert (changed(HELLO, removal).text, changed(HELLO, removal).removed) == ("", True)
    assert changed(REPLY, removal).quote == {"name": "alice", "text": "", "removed": True}
    for kind in ("edited", "restored"):
        earlier = line(3, kind, of=1, text="hello")._replace(spans=SPANS, reactions={"👍": ["b"]})
        shown = changed(earlier, removal)
        assert (shown.text, shown.spans, shown.reactions) == ("", None, None)


def test_a_restored_message_has_all_that_it_had():
    full = HELLO._replace(
        spans=SPANS,
        edited=NOON,
        reactions={"👍": ["bob"]},
        files=[{"name": "x"}],
        quote={"name": "bob", "text": "?"},
    )
    restored = line(9, "restored", of=1, text=full.text)._replace(
        **{name: getattr(full, name) for name in ("spans", "edited", "reactions", "files", "quote")}
    )
    assert changed(changed(full, change("removed")), restored) == full
    quoting = changed(changed(REPLY, change("removed")), restored)
    assert quoting == REPLY


def test_a_reaction_changes_the_message_alone():
    reaction = change("reacted", name="bob", text="👍")
    assert changed(HELLO, reaction).reactions == {"👍": ["bob"]}
    assert changed(REPLY, reaction) == REPLY
    back = change("reacted", name="bob", text="-👍")
    assert changed(changed(HELLO, reaction), back).reactions is None


def test_other_lines_stay_as_they_are():
    other, arrival = line(3), line(4, "left", of=1)
    for kind in folding.CHANGES:
        assert changed(other, change(kind)) is other
        assert changed(arrival, change(kind)) is arrival


def test_a_removed_message_has_no_content_after_changes_that_are_older():
    gone = HELLO.without_content()
    for kind in ("edited", "reacted", "removed"):
        assert changed(gone, change(kind, text="x")) == gone


@pytest.mark.parametrize("seed", range(20))
def test_a_message_that_is_newer_than_some_changes_ends_as_the_others_do(seed):
    """Lines from the database may be newer than those that follow in memory."""
    chance = random.Random(seed)
    states, changes = [HELLO], []
    for seq in range(2, 30):
        name, emoji = chance.choice("abc"), chance.choice("👍🎉")
        present = states[-1]
        if chance.random() < 0.2:
            step = line(seq, "edited", of=1, text=f"text {seq}")
        else:
            is_on = name in (present.reactions or {}).get(emoji, [])
            step = line(seq, "reacted", name, f"-{emoji}" if is_on else emoji, of=1)
        changes.append(step)
        states.append(changed(present, step))
    for number, state in enumerate(states):
        begin = chance.randrange(number + 1)
        assert up_to_date([state], changes[begin:]) == [states[-1]]
