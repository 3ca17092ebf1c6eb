"""Texts in which nothing is visible."""

import sys
import unicodedata

import pytest

from chat.wire.characters import is_visible
from chat.wire.commands import Say, clean
from chat.wire.legacy import parse_line

INVISIBLE = [
    *("", " ", "\t\n", "\x00\x1b", "\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4"),
    *(
        "\u180e",
        "\u200b",
        "\u200b\u200b",
        "\u200d",
        "\u200e",
        "\u2060",
        "\u2063",
        "\u2064",
        "\u2065",
    ),
    *("\u2800", "\u2800\n\u2800", "\u3000", "\u3164", "\ufe0f", "\ufeff", "\uffa0", "\ufff9\ufffb"),
    *("\U0001d159", "\U0001d173", "\U000e0001", "\U000e0067\U000e007f", "\U000e0100", "\U000e01ef"),
    *("\u202e\u202c", "\u2066\u3164\u2069", " \u00a0\u3164\u2028\u00ad ", "\U00013441", "\ufff0"),
]
VISIBLE = [
    *("a", ".", "é", "\u0301", "🙂", "❤\ufe0f", "\u3164a", "a\u2800", "\u0600", "\u06dd", "\ufffd"),
    *("\uffff", "\ue000", "你", "ـ", "\u00a0-\u00a0", "\n\n_", "\u200f\u05d0", "🏴\U000e007f"),
]


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_text_in_which_nothing_is_visible_is_empty(text):
    assert not is_visible(text)
    assert clean(text) == ""


@pytest.mark.parametrize("text", VISIBLE)
def test_a_text_with_something_visible_is_kept(text):
    assert is_visible(text)
    assert clean(text) == text.strip()


@pytest.mark.parametrize(
    "text", [*(text for text in INVISIBLE if "\n" not in text), "\u200b" * 4000]
)
def test_saying_nothing_visible_on_the_legacy_port_is_an_empty_say(text):
    assert parse_line(f"say {text}".encode()) == Say("")


def test_controls_blanks_and_formats_show_nothing():
    # Unicode's property Prepended_Concatenation_Mark
    signs = {*map(chr, range(0x600, 0x606)), *"\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"}
    for character in map(chr, range(sys.maxunicode + 1)):
        category = unicodedata.category(character)
        if category in ("Cc", "Cf", "Zs", "Zl", "Zp"):
            assert is_visible(character) == (character in signs), ascii(character)
        elif category in ("Ll", "Lu", "Lt", "Nd", "Nl", "No", "Pc", "Pd", "Po", "Sm", "Sc"):
            assert is_visible(character), ascii(character)
