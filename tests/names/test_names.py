"""Names: which are the same, and which a guest or an account may have."""

import string
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chat.names.characters import IGNORABLE
from chat.names.confusables import TABLE, skeleton
from chat.names.guests import NameProblem, first_word, problem_with_guest_name
from chat.names.keys import MAX_KEY, MAX_NAME, key_of
from chat.names.usernames import MAX_USERNAME, validate_username

SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
anything = st.text(st.characters(codec=None))
plain_words = st.text(string.ascii_letters + string.digits + "äöüßéñçåøæžłабвгдαβγδ", min_size=1)


def is_username(name):
    try:
        validate_username(name)
    except ValidationError as error:
        assert len(error.messages) == 1
        return False
    return True


@pytest.mark.parametrize(
    "same",
    [
        ["alice", "Alice", "ALICE", "аlice", "aIice", "a1ice", "a|ice", "ａｌｉｃｅ", "𝒶𝓁𝒾𝒸ℯ"],
        ["alice", "ali\u200dce", "al\u00adice", "alice\u3164", "\ufeffalice", "alice\ufe0f"],
        ["alice", "AL1CE", "al|ce", "alіce"],
        ["bob", "Bob", "b0b", "B0B", "bоb", "BОB"],
        ["maria", "MARIA", "Maria", "rnaria"],
        ["Zoë", "ZOË", "zoe\u0308"],
        ["alice bob", "alice  bob", "alice\u00a0bob", " alice\tbob\u3000"],
        ["straße", "STRASSE"],
    ],
)
def test_names_that_look_the_same_have_the_same_key(same):
    assert len({key_of(name) for name in same}) == 1


@pytest.mark.parametrize(
    "names", [["alice", "bob", "maria", "mario"], ["alice", "alicé"], ["bob", "bobb", "bo b"]]
)
def test_names_that_look_different_have_different_keys(names):
    assert len({key_of(name) for name in names}) == len(names)


def test_a_key_fits_the_database_even_if_the_name_expands():
    longest = "\ufdfa" * MAX_NAME
    assert len(unicodedata.normalize("NFKC", longest)) > MAX_KEY
    assert len(key_of(longest)) <= MAX_KEY
    assert key_of(longest) != key_of(longest[1:])


@given(anything)
@example("\ud800" * 500)
def test_every_text_has_a_key(name):
    assert len(key_of(name)) <= MAX_KEY


@given(plain_words)
def test_a_key_does_not_depend_on_case(name):
    assert key_of(name) == key_of(name.upper()) == key_of(name.lower()) == key_of(name.title())


@given(anything, st.sampled_from(" \t\u00a0\u3000\u2028"), st.sampled_from("\u200b\u2060\ufe0f"))
def test_a_key_does_not_depend_on_invisible_characters(name, blank, ignorable):
    assert key_of(f"{blank}{name}{ignorable}{blank}") == key_of(name)


@given(anything)
def test_a_key_does_not_depend_on_how_accents_are_written(name):
    key = key_of(name)
    assert key == key_of(unicodedata.normalize("NFC", name))
    assert key == key_of(unicodedata.normalize("NFD", name))


@pytest.mark.parametrize(
    ("text", "prototypes"),
    [
        ("alice", "alice"),
        ("paypаl", "paypal"),
        ("Im0|1", "lrnOll"),
        ("é", "e\u0301"),
        ("ﬁ", "fi"),
        ("ⅷ", "viii"),
        ("‼", "!!"),
        ("각", "\u1100\u1161\u1100"),
        ("", ""),
    ],
)
def test_a_skeleton_is_made_of_prototypes(text, prototypes):
    assert skeleton(text) == prototypes


@given(anything)
def test_a_skeleton_is_decomposed(text):
    assert skeleton(text) == unicodedata.normalize("NFD", skeleton(text))


def test_the_table_states_its_source_and_licence():
    header = TABLE.read_text(encoding="ascii").partition("\n20:")[0]
    assert "Unicode 15.0" in header
    assert "Unicode License" in header


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


@pytest.mark.parametrize(
    "name",
    [
        *("alice", "Alice", "bob.b-o_b", "Zoë", "a1", "1", "_x_", "-.a", "x" * MAX_USERNAME),
        *("爱丽丝", "Алиса", "العربية", "नमस्ते", "สมชาย", "한국", "שלום", "Straße"),
    ],
)
def test_an_account_may_have_the_name(name):
    assert is_username(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "alice bob", "alice ", "a\tb", "a\nb", "alice\n", "x" * (MAX_USERNAME + 1)),
        *("_", "...", "-_.", "alice:", "*alice", "a@b", "a+b", "<b>", "a/b", "🙂", "a€"),
        *("ali\u200dce", "alice\u200b", "\u202ebob", "al\u00adice", "a\x00b", "alice\ufe0f"),
        *("\u0301", "\u0301a", "_\u0301a", "a\u0316\u0317\u0318\u0319\u031c", "a\u20dd"),
        *("\u3164", "a\u3164", "\u1160", "Ⅷ", "²", "½", "ª", "a\u0378", "\ud800", "\ue000"),
    ],
)
def test_an_account_may_not_have_the_name(name):
    assert not is_username(name)


@pytest.mark.parametrize("name", ["e\u0301", "ａｌｉｃｅ", "ﬁnn", "𝒶lice", "\u212b"])
def test_an_account_may_not_have_a_name_that_normalizes_to_another(name):
    assert not is_username(name)
    assert is_username(unicodedata.normalize("NFKC", name))


def test_the_name_of_an_account_does_not_mix_directions_of_writing():
    assert not is_username("aliceשלום")


@given(anything)
def test_every_name_of_an_account_would_be_a_valid_name_of_a_guest(name):
    if is_username(name):
        assert problem_with_guest_name(name) is None
        assert first_word(name) == name
        assert unicodedata.is_normalized("NFKC", name)


@given(plain_words.filter(lambda name: len(name) <= MAX_USERNAME))
def test_an_account_may_have_a_name_of_letters_and_digits(name):
    assert is_username(unicodedata.normalize("NFKC", name))


@pytest.mark.parametrize("name", ["alice\u2800", "\u2800alice", "alice\U0001d159"])
def test_blank_symbols_do_not_change_the_key(name):
    assert key_of(name) == key_of("alice")
    assert key_of(first_word(f"{name}\u2800smith")) == key_of("alice")


@pytest.mark.parametrize(
    "name", ["ann： I quit", "∗ notice", "＊ notice", "Deleted User", "deleted  user"]
)
def test_a_name_that_imitates_a_line_of_the_room_is_refused(name):
    assert problem_with_guest_name(name) is NameProblem.TAKEN


def test_a_guest_may_have_a_hindi_name_with_a_visarga():
    assert problem_with_guest_name("दुःख") is None
