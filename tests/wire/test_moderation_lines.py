"""The answers of the legacy port to the words of moderation."""

from datetime import UTC, datetime

import pytest

from chat.wire import moderation_lines
from chat.wire.moderation_lines import Waiting

NOON = datetime(2026, 1, 2, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("mute", "bob", "#garden", "10 minutes"), "Muted bob in #garden for 10 minutes"),
        (("mute", "bob", None, None), "Muted bob on the site for good"),
        (("kick", "bob", "#garden", "10 minutes"), "Kicked bob from #garden for 10 minutes"),
        (("ban", "bob", None, "7 days"), "Banned bob from the site for 7 days"),
    ],
)
def test_a_restraint_is_answered_with_its_place_and_its_time(arguments, answer):
    assert moderation_lines.done(*arguments).decode() == f"{answer} \n"


def test_counts_are_in_words():
    assert moderation_lines.restored(1) == b"Restored 1 message \n"
    assert moderation_lines.restored(2) == b"Restored 2 messages \n"
    assert moderation_lines.purged("bob", 0) == b"There are no messages of bob to remove \n"
    assert moderation_lines.slow(0) == moderation_lines.NOT_SLOW


def test_each_thing_that_waits_has_its_own_lines():
    report = Waiting(3, NOON, "#garden", "bob", "spam\nx", reporter="ann", quoted="buy\x1b\nnow")
    held = Waiting(7, NOON, "#lobby", "dave", "hello")
    assert moderation_lines.waiting([report], [held], has_more=True).decode() == (
        "Reports:\n"
        "3 2026-01-02 12:30 #garden bob, reported by ann: spam x\n"
        "3 > bob: buy now\n"
        "Held Messages:\n"
        "7 2026-01-02 12:30 #lobby dave: hello\n"
        "There are more, which follow when these are decided \n"
    )


def test_those_who_ask_are_listed():
    joining = Waiting(3, NOON, "#garden", "bob")
    new = Waiting(7, NOON, "", "dave", "I know\nann")
    assert moderation_lines.requests([joining], [new], has_more=False).decode() == (
        "Joining:\n"
        "3 2026-01-02 12:30 #garden bob\n"
        "New Accounts:\n"
        "7 2026-01-02 12:30 dave: I know ann\n"
    )


def test_long_texts_are_cut_and_nothing_has_its_own_answer():
    held = Waiting(7, NOON, "#lobby", "dave", "x " * 3000)
    assert len(moderation_lines.waiting([], [held], has_more=False)) < 500
    assert moderation_lines.waiting([], [], has_more=False) == b"Nothing waits for you \n"
