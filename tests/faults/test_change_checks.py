"""The judge's checks of changes of messages find everything that must never happen."""

from types import SimpleNamespace

import pytest

from tests.faults.change_checks import (
    assert_changes_are_those_of_the_ledgers,
    assert_changes_make_the_messages,
    assert_replies_are_those_of_the_ledgers,
    assert_shows_the_messages,
)
from tests.faults.client_checks import as_saved, match
from tests.faults.member import ClientMember
from tests.faults.samples import acknowledge, frames, line, saved_log

THUMB = {"👍": ["bob"]}


def log_of(*changes, **messages):
    """Return a log in which alice has said "one" (1) and bob has replied (2), and then changes."""
    said = line(1, "said", "alice", "one", "id-1"), line(2, "said", "bob", "two", "id-2", of=1)
    later = [
        line(seq, kind, name, text, of=of) for seq, (kind, name, text, of) in enumerate(changes, 3)
    ]
    return saved_log(*said, *later, **messages)


EDITED = ("edited", "alice", "", 1)
REACTED, BACK = ("reacted", "bob", "👍", 1), ("reacted", "bob", "-👍", 1)
REMOVED, RESTORED = ("removed", "alice", "", 1), ("restored", "alice", "", 1)
NEW = {"texts": ("one", "new"), "edited": True}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([], {}),
        ([EDITED], NEW),
        ([REACTED], {"reactions": THUMB}),
        ([REACTED, BACK], {}),
        ([REMOVED], {"removed": True}),
        ([REMOVED, RESTORED, REACTED], {"reactions": THUMB}),
    ],
)
def test_a_log_whose_changes_make_the_messages_passes(changes, message):
    assert_changes_make_the_messages(log_of(*changes, _1=message))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([], NEW),  # no line says so
        ([EDITED], {}),
        ([EDITED, EDITED], NEW),  # a text is lost
        ([], {"reactions": THUMB}),
        ([REACTED], {}),
        ([REACTED, REACTED], {"reactions": THUMB}),  # twice
        ([BACK], {}),
        ([REMOVED], {}),
        ([], {"removed": True}),
        ([REMOVED, REMOVED], {"removed": True}),
        ([RESTORED], {}),
        ([REMOVED, EDITED], NEW | {"removed": True}),
        ([("edited", "alice", "", 9)], {}),
    ],
)
def test_a_log_whose_changes_do_not_make_the_messages_is_found(changes, message):
    with pytest.raises(AssertionError):
        assert_changes_make_the_messages(log_of(*changes, _1=message))


# Ledgers


def alice_who(kind, seq=None, **fields):
    """Return alice, who has made a change that was acknowledged, under a number if it is given."""
    alice = ClientMember("alice", "key", [])
    alice.change(kind, 1, **fields)
    alice.outbox.acknowledge(0, seq)
    return alice


def crowd_of(*members):
    return SimpleNamespace(members=members)


def test_changes_of_a_ledger_that_are_in_the_log_pass():
    log = log_of(EDITED, _1=NEW)
    for seq in (3, None):
        alice = alice_who("edit", seq, text="new")
        assert_changes_are_those_of_the_ledgers(crowd_of(alice), log)


@pytest.mark.parametrize(
    ("changes", "seq", "text"),
    [
        ([], None, "new"),  # lost
        ([EDITED, EDITED], 3, "new"),  # twice
        ([EDITED], 3, "other"),  # another text
        ([("edited", "bob", "", 1)], 3, "new"),  # of somebody else
        ([EDITED], 2, "new"),  # under a wrong number
    ],
)
def test_changes_that_are_lost_doubled_or_others_are_found(changes, seq, text):
    alice = alice_who("edit", seq, text=text)
    with pytest.raises(AssertionError):
        assert_changes_are_those_of_the_ledgers(crowd_of(alice), log_of(*changes, _1=NEW))


def test_a_moderator_removes_messages_of_others_in_purges():
    alice, log = ClientMember("alice", "key", []), log_of(REMOVED, _1={"removed": True})
    with pytest.raises(AssertionError):
        assert_changes_are_those_of_the_ledgers(crowd_of(alice), log)
    alice.purges = True
    assert_changes_are_those_of_the_ledgers(crowd_of(alice), log)


def test_a_change_that_was_refused_need_not_be_in_the_log():
    alice = ClientMember("alice", "key", [])
    alice.change("edit", 1, text="new")
    error = {"type": "error", "answer": "edit", "seq": 1, "client_id": None}
    alice.receive(error | {"code": "no_message"})
    assert not alice.outbox.waiting
    assert_changes_are_those_of_the_ledgers(crowd_of(alice), log_of())


@pytest.mark.parametrize("is_refused", [True, False])
def test_a_reaction_that_was_refused_is_taken_back_without_a_line(is_refused):
    alice = ClientMember("alice", "key", [])
    answer = {"answer": "react", "seq": 1, "client_id": None}
    for is_on in (True, False):
        alice.change("react", 1, emoji="👍", on=is_on)
    if is_refused:
        alice.receive(answer | {"type": "error", "code": "locked"})
    else:
        alice.receive(answer | {"type": "done"})
    alice.receive(answer | {"type": "done"})
    crowd = crowd_of(alice)
    if is_refused:
        assert_changes_are_those_of_the_ledgers(crowd, log_of(_1=NEW))
    else:
        with pytest.raises(AssertionError, match="lost"):
            assert_changes_are_those_of_the_ledgers(crowd, log_of(_1=NEW))


def test_a_change_waits_for_its_own_line_or_answer():
    alice = ClientMember("alice", "key", [])
    alice.change("react", 1, emoji="👍", on=True)
    for other in (
        {"kind": "reacted", "name": "bob", "text": "👍", "of": 1},
        {"kind": "reacted", "name": "alice", "text": "🎉", "of": 1},
        {"kind": "reacted", "name": "alice", "text": "👍", "of": 2},
        {"kind": "edited", "name": "alice", "text": "👍", "of": 1},
    ):
        alice.changes.receive_line(other | {"seq": 7}, None)
        assert alice.outbox.waiting
    alice.receive({"type": "done", "answer": "react", "seq": 2})
    assert alice.outbox.waiting
    mine = {"kind": "reacted", "name": "alice", "text": "👍", "of": 1, "seq": 7}
    alice.changes.receive_line(mine, 3)  # of another room
    assert alice.outbox.waiting
    alice.changes.receive_line(mine, None)
    assert not alice.outbox.waiting


def test_a_reply_to_another_message_is_found():
    bob = ClientMember("bob", "key", [])
    acknowledge(bob, "id-2", "two", 2)
    bob.ledger["id-2"].client_id, bob.ledger["id-2"].reply = "id-2", 1
    assert_replies_are_those_of_the_ledgers(crowd_of(bob), log_of())
    bob.ledger["id-2"].reply = None
    with pytest.raises(AssertionError, match="does not reply"):
        assert_replies_are_those_of_the_ledgers(crowd_of(bob), log_of())


# Clients


def received(*lines):
    return SimpleNamespace(first_lines=[], lines=list(lines))


def heard(log, *extra):
    """Return the lines of a log as they come in frames, with fields of some of them."""
    return [each | fields for each, fields in zip(frames(log), [*extra] + [{}] * 9, strict=False)]


QUOTE = {"quote": {"name": "alice", "text": "one"}}


def test_a_client_that_applies_all_changes_shows_the_messages():
    log = log_of(EDITED, REACTED, REMOVED, RESTORED, _1=NEW | {"reactions": THUMB})
    restored = {"text": "new", "edited": "now", "reactions": THUMB}
    lines = heard(log, {}, QUOTE, {"text": "new"}, {}, {}, restored)
    assert_shows_the_messages("alice", received(*lines), log)


def test_a_client_that_has_a_message_after_its_changes_shows_it_too():
    log = log_of(EDITED, REACTED, _1=NEW | {"reactions": THUMB})
    present = {"text": "new", "edited": "now", "reactions": THUMB}
    quote = {"quote": {"name": "alice", "text": "new"}}
    lines = heard(log, present, quote, {"text": "new"})
    assert_shows_the_messages("alice", received(*lines), log)


@pytest.mark.parametrize(
    ("changes", "message", "extra"),
    [
        ([EDITED], NEW, [{}, QUOTE, {"text": "other"}]),
        ([REACTED], {}, [{}, QUOTE]),
        ([REMOVED], {}, [{}, QUOTE]),
        ([], {}, [{}, {}]),  # no quote
        ([], {}, [{}, {"quote": {"name": "alice", "text": "two"}}]),
    ],
)
def test_a_client_that_shows_something_else_is_found(changes, message, extra):
    log = log_of(*changes, _1=message)
    with pytest.raises(AssertionError, match="shows"):
        assert_shows_the_messages("alice", received(*heard(log, *extra)), log)


def test_a_message_may_come_with_any_of_its_texts_and_no_other():
    log = log_of(EDITED, _1=NEW)
    for text in ("one", "new"):
        lines = heard(log, {"text": text}, {}, {"text": text})
        assert [as_saved(each, log.messages) for each in lines] == log
    for text in ("other", ""):
        (first, *_) = heard(log, {"text": text})
        assert as_saved(first, log.messages) != log[0]


@pytest.mark.parametrize(
    "heard_bytes",
    [
        b"alice: one\nbob: > alice: one\nbob: two\n* alice edited: new\n",
        b"alice: new\nbob: > alice: new\nbob: two\n* alice edited: new\n",
        b"alice: new\nbob: > alice: one\nbob: two\n* alice edited: new\n",
    ],
)
def test_the_lines_of_a_guest_may_show_any_text_of_a_message(heard_bytes):
    log = log_of(EDITED, REACTED, _1=NEW)
    match(heard_bytes, log, log)
    match(heard_bytes[:30], log, log, to_the_end=False)


@pytest.mark.parametrize(
    "heard_bytes",
    [
        b"",
        b"alice: one\nbob: > alice: one\nbob: two\n",
        b"alice: one\nbob: > alice: other\nbob: two\n* alice edited: new\n",
        b"alice: one\nbob: > alice: one\nbob: two\n* alice edited: new\nalice: one\n",
        b"alice: other\nbob: > alice: one\nbob: two\n* alice edited: new\n",
    ],
)
def test_other_lines_of_a_guest_are_found(heard_bytes):
    log = log_of(EDITED, _1=NEW)
    with pytest.raises(AssertionError):
        match(heard_bytes, log, log)
