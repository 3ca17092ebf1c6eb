"""The names that guests may have."""

import time
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chat.names.guests import (
    NameProblem,
    claimed_keys,
    first_word,
    problem_with_guest_name,
    trimmed,
)
from chat.names.keys import MAX_NAME, key_of
from chat.names.reserved import is_reserved
from chat.wire.characters import IGNORABLE
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


@pytest.mark.parametrize(
    "name",
    [
        *("علی\u200cرضا", "می\u200cخواهم", "क्\u200dष", "क्\u200cष", "ශ්\u200dරී"),
        *("мы", "Việt", "Vie\u0323\u0302t", "ᾧδή", "นี้", "ಕೋಂ", "မြန်မာ", "שָׁלוֹם", "हिन्दी"),
        *("a;b", "a.b", "ann*", "ann@home", "ann #1", "Ⅷ", "has left", "has left the room"),
        "a" + "\u0301" * 4,
    ],
)
def test_a_guest_may_have_a_name_with_what_its_script_needs(name):
    assert problem_with_guest_name(name) is None


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
        *("an cs_23456789", "cs_abcdefgh"),
    ],
)
def test_a_guest_may_not_have_the_name(name):
    assert problem_with_guest_name(name) is NameProblem.TAKEN


COLONS = ":꞉∶׃ː։˸፡ः：︓﹕ઃ܃܄፥᠄⁚︰᛬⫶⁝≔"


@pytest.mark.parametrize("colon", COLONS)
@pytest.mark.parametrize("form", ["ann{} I resign", "{}ann", "ann{}", "ann {} hi", "दु{}ख"])
def test_a_name_with_a_character_that_looks_like_a_colon_is_refused(form, colon):
    assert problem_with_guest_name(form.format(colon)) is NameProblem.TAKEN


LINE_MARKS = "*∗＊﹡⁎✱✲✳✻٭꙳⊛🞲𐌟#＃﹟@＠﹫"


@pytest.mark.parametrize("mark", LINE_MARKS)
@pytest.mark.parametrize("before", ["", "\u3164", "\u2800", "\ufe0f", "\u0301", "\u034f\u2800"])
def test_a_name_that_begins_with_what_looks_like_the_mark_of_a_line_is_refused(before, mark):
    assert problem_with_guest_name(f"{before}{mark} notice") is NameProblem.TAKEN
    assert problem_with_guest_name(f"ann{mark}") is None


@pytest.mark.parametrize(
    "name",
    [
        *("gus has left the rооm.", "gus has entered the rооm.", "gus hаs left the room."),
        *(
            "gus has Ieft the room.",
            "gus has 1eft the room.",
            "gus ｈａｓ ｌｅｆｔ ｔｈｅ ｒｏｏｍ．",
        ),
        *("gus has left the room․", "gus has  left the room.", "gus has\u3164left the room."),
        *(
            "gus has\u2800left the room.",
            "gus ha\ufe0fs le\u034fft the room.",
            "ʜas left the room.",
        ),
        *("gus has left the r00m.", "gus has left\u00a0the room. x", "gus has left the rοοm."),
    ],
)
def test_a_name_that_looks_like_a_coming_or_going_is_refused(name):
    assert problem_with_guest_name(name) is NameProblem.TAKEN


@pytest.mark.parametrize("mark", ["\u0301", "\u0316", "\u20dd", "\u0489", "\u0e49", "\u0300\u0316"])
def test_a_name_has_at_most_four_marks_on_one_character(mark):
    marks = (mark * 4)[:4]

    assert problem_with_guest_name(f"a{marks}b{marks}") is None
    assert problem_with_guest_name(f"a{marks}{mark}") is NameProblem.TAKEN
    assert problem_with_guest_name(f"zo{mark * 31}") is NameProblem.TAKEN


def test_joiners_do_not_hide_a_tower_of_marks():
    assert problem_with_guest_name("क" + "्\u200d" * 5) is NameProblem.TAKEN


@pytest.mark.parametrize(
    "name",
    ["a\u200db", "علی\u200c", "\u200cعلی", "د\u200cب", "ع\u200c\u200cب", "क\u200dष", "ع\u200dل"],
)
def test_a_joiner_that_its_neighbours_do_not_need_is_refused(name):
    assert problem_with_guest_name(name) is NameProblem.TAKEN


@given(anything)
@example("a\u0301" * 32)
def test_a_name_that_a_guest_may_have_cannot_look_like_a_line(name):
    name = name.strip()
    if problem_with_guest_name(name) is None:
        assert len(name) <= MAX_NAME
        assert not set(COLONS).intersection(unicodedata.normalize("NFKC", name))
        assert name[0] not in LINE_MARKS
        assert "\u200b" not in name


@pytest.mark.parametrize(
    "name",
    [
        *("\u0301" * 16_000, "a\u0301\u0316" * 5_000, "\u3164" * 16_000, "ﷺ" * MAX_NAME),
        *(":" * 16_000, "\u200d" * 16_000, "\ud800" * MAX_NAME, "ع\u200c" * 32, "👩\u200d" * 32),
        *("@" * MAX_NAME, "_" * MAX_NAME, "a " * 32, ".a" * 32),
    ],
)
def test_a_hostile_name_is_judged_quickly(name):
    started = time.thread_time()
    if problem_with_guest_name(name) is None:
        claimed_keys(name)
    assert time.thread_time() - started < 0.5  # about a millisecond on an idle machine


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
    "name",
    [
        *("ann", "ANN", "ᴀɴɴ", "ann✓", "@ann", "ann.", "(ann)", "“ann”", "ann!", "_ann_", "-ann-"),
        *(
            "~ann~",
            "ann✓ smith",
            "ann, hi",
            "ann,bob",
            "ann's cat",
            "ann²",
            "★ann★",
            "ann🙂",
            "🙂ann",
        ),
        *(
            "ⓐnn✓",
            "✓ａｎｎ",
            "ᴀɴɴ✓",
            "аnn…",
            "\u2800ann\u2800",
            "ann\u3164smith",
            "ann\ufe0f✓",
            "‹ann›",
        ),
        *("ann/bob", "ann|", "[ann]", "<ann>", "ann—bob", "ann k3y"),
    ],
)
def test_the_name_of_an_account_is_claimed_by_what_looks_like_it(name):
    assert key_of("ann") in claimed_keys(name)


@pytest.mark.parametrize(
    "name", ["ann-marie", "ann_b", "ann.b", "annie", "joann", "my ann", "an n", "annа2", "anné"]
)
def test_the_name_of_an_account_is_not_claimed_by_another_name(name):
    assert key_of("ann") not in claimed_keys(name)


@pytest.mark.parametrize(
    ("name", "account"),
    [("@_x_", "_x_"), ("✓-a.", "-a."), ("∨an✓", "van"), ("@|an", "ian"), ("@ann-", "ann")],
)
def test_a_claimed_name_may_be_written_with_symbols(name, account):
    assert key_of(account) in claimed_keys(name)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        *(("ann", "ann"), ("@ann", "ann"), ("ann.", "ann"), ("ann✓", "ann"), ("-ann!b", "ann")),
        *(("ann-marie", "ann-marie"), ("a_b.c", "a_b.c"), ("é\u0301✓", "é\u0301"), ("✓", "")),
        ("._-", ""),
    ],
)
def test_a_word_is_trimmed_of_the_symbols_around_it(word, name):
    assert trimmed(word) == name


@pytest.mark.parametrize(
    "name",
    [
        *("admin", "Admin", "System", "Moderator", "ADMINISTRATOR", "staff", "room", "all", "here"),
        *("everyone", "аdmin", "adm1n", "ᴀᴅᴍɪɴ", "admin✓", "(system)", "admin bob", "r00m", "a11"),
        *("Deleted User", "deleted  user", "deleted user.", "★ deleted user", "dеleted user"),
    ],
)
def test_a_name_with_which_one_could_speak_for_the_site_is_reserved(name):
    assert is_reserved(name)


@pytest.mark.parametrize("name", ["ann", "badmin", "admins", "rooms", "all-in", "deleted", "user"])
def test_other_names_are_not_reserved(name):
    assert not is_reserved(name)


def test_the_reserved_names_are_a_setting(settings):
    settings.RESERVED_NAMES = ["Root"]
    assert is_reserved("r00t")
    assert not is_reserved("admin")
    assert is_reserved("deleted user")


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
