"""Texts that are one emoji."""

import pytest

from chat.wire.emoji import is_emoji


@pytest.mark.parametrize(
    "text",
    [
        *(
            "👍",
            "👍🏽",
            "❤️",
            "❤",
            "🎉",
            "1️⃣",
            "#⃣",
            "🇩🇪",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "👩‍👩‍👧‍👦",
            "🏳️‍🌈",
            "👩🏽‍❤️‍💋‍👨🏿",
            "☺️",
            "™",
            "〰️",
        ),
    ],
)
def test_one_emoji_is_one(text):
    assert is_emoji(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a", "1", "-", "👍👍", "👍 ", "-👍", ":+1:", "👍\n", "é", "中", "\u200d"),
        *("👍\u200d", "\ufe0f", "👍\u200b", "🇩", "👍\u202e", "👍" + "\u200d👍" * 50, "<b>"),
    ],
)
def test_other_texts_are_none(text):
    assert not is_emoji(text)
