"""The names that guests may have."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chat.names.characters import IGNORABLE
from chat.names.guests import NameProblem, first_word, problem_with_guest_name
from chat.names.keys import MAX_NAME, key_of
from tests.support.names import anything

SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    "name",
    [
        *("alice", "Alice Bob", "None", "login", "../x%s{}", "<b>bob</b>", "'; --", "alice*"),
        *("Ünïcödé", "爱丽丝", "العربية", "नमस्ते", "นที", "e\u0301", "a\u00a0b", "-", "\ufffd"),
        *("🙂", "❤\ufe0f", "👍🏽", "🇩🇪", "1\ufe0f\u20e3", "x" * MAX_NAME),
        *(
            "👩‍👩‍👧‍👦",
            "👩🏽‍🚀",
            "❤️‍🔥",
            "🏳️‍🌈",
            "🏴‍☠️",
            "🧑🏿‍🤝‍🧑🏻",
            "🐈‍⬛",
            "🏃‍♀️‍➡️",
            "alice 👩‍🚀 bob",
        ),
        *(SCOTLAND, f"alice {SCOTLAND}"),
    ],
)
def test_a_guest_may_have_the_name(name):
    assert problem_with_guest_name(name) is None


def test_a_guest_may_have_a_hindi_name_with_a_visarga():
    assert problem_with_guest_name("दुःख") is None


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "\u3000", "\u2028", "\x00", "\x1b\x07", "\u200b", "\u200d\u200d", "\ufeff"),
        *("\u202e\u202c", "\u00ad", "\u3164", "\u115f\u1160", "\ufe0f", "\u034f", "\u2800"),
        *("\U000e0067\U000e007f", "\u200b \u2060"),
    ],
)
def test_a_name_without_a_visible_character_is_empty(name):
    assert problem_with_guest_name(name) is NameProblem.EMPTY


def test_a_long_name_without_a_visible_character_is_empty_too():
    assert problem_with_guest_name("\u200b" * 5000) is NameProblem.EMPTY


@pytest.mark.parametrize(
    "name",
    [
        *("x\x1b[31my", "b\x07b", "c\rc", "a\x00b", "alice\x7f", "a\x85b", "a\tb"),
        *("alice\u200b", "al\u00adice", "\ufeffalice", "a\u2060b", "a\u200cb", "\u0600alice"),
        *("\u202ebob", "alice\u200f", "\u2066bob\u2069", "\u061cbob", "a\u2028b", "a\u2029b"),
        *("ali\u200dce", "🙂\u200d", "\u200d🙂", "🙂\u200d\u200d🙂", "🙂\u200dx", "x\u200d🙂"),
        *("🙂 \u200d🙂", "\U0001f3f4\U000e0061\U000e007f", SCOTLAND[:-1], f"x{SCOTLAND[1:]}"),
        *("alice:", "ann: hi", ":", "*", "* alice", "**"),
        *("bob has left the room.", "bob has entered the room. x", "has left the room."),
        *("x" * (MAX_NAME + 1), "x" * 5000),
    ],
)
def test_a_guest_may_not_have_the_name(name):
    assert problem_with_guest_name(name) is NameProblem.TAKEN


@pytest.mark.parametrize(
    "name", ["ann： I quit", "∗ notice", "＊ notice", "Deleted User", "deleted  user"]
)
def test_a_name_that_imitates_a_line_of_the_room_is_refused(name):
    assert problem_with_guest_name(name) is NameProblem.TAKEN


@given(anything)
def test_every_name_that_a_guest_may_have_has_a_key_and_is_one_line(name):
    name = name.strip()
    if problem_with_guest_name(name) is None:
        assert key_of(name)
        assert len(name.splitlines()) == 1


@given(anything, st.characters(categories=["L", "N", "P"]), anything)
def test_a_name_with_one_visible_character_is_not_empty(before, visible, after):
    assume(not IGNORABLE.match(visible))
    assert problem_with_guest_name(f"{before}{visible}{after}") is not NameProblem.EMPTY


FILLED = [(f"ann{filler}smith", "ann") for filler in "\u115f\u1160\u3164\uffa0"]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("alice", "alice"),
        ("alice k3y", "alice"),
        ("a\u3000b", "a"),
        (" alice ", "alice"),
        ("", ""),
        *FILLED,
    ],
)
def test_the_first_word_of_a_name_ends_at_a_gap(name, word):
    assert first_word(name) == word
