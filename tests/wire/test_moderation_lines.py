"""The answers of the legacy port to the words of moderation."""

import pytest

from chat.wire import moderation_lines


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
