"""The names that accounts may have."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given

from chat.names.characters import looks_like_colon, looks_like_line_mark
from chat.names.guests import first_word, problem_with_guest_name
from chat.names.keys import key_of
from chat.names.usernames import MAX_USERNAME, normalize_username, validate_username
from tests.support.names import anything, is_username, plain_words


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


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        *(
            ("Vie\u0302t", "Viêt"),
            ("e\u0301", "é"),
            ("\u212b", "Å"),
            ("다", "다"),
            ("か\u3099", "が"),
        ),
        ("ộ" * MAX_USERNAME, "ộ" * MAX_USERNAME),
        (unicodedata.normalize("NFD", "ộ" * MAX_USERNAME), "ộ" * MAX_USERNAME),
    ],
)
def test_a_name_may_be_typed_in_its_decomposed_form(typed, name):
    assert is_username(typed)
    assert normalize_username(typed) == name


@pytest.mark.parametrize(
    ("name", "without"),
    [("علی\u200cرضا", "علیرضا"), ("क्\u200dष", "क्ष"), ("क्\u200cष", "क्ष"), ("ශ්\u200dරී", "ශ්රී")],
)
def test_a_name_may_have_joiners_that_its_script_needs(name, without):
    assert is_username(name)
    assert normalize_username(name) == name
    assert key_of(name) == key_of(without)


@pytest.mark.parametrize("name", ["ａｌｉｃｅ", "ﬁnn", "𝒶lice", "ª", "ｶﾅ"])
def test_an_account_may_not_have_a_name_that_normalizes_to_another(name):
    assert not is_username(name)
    assert is_username(unicodedata.normalize("NFKC", name))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a" * 31, "has 1 to 30 characters; this one has 31"),
        ("a" * 1_000_000, "this one has 1000000"),
        ("alice bob", "has no spaces. Put _ . or - between words"),
        ("alice!", "cannot contain “!”. Use letters and digits"),
        ("🙂", "cannot contain “🙂”. Use letters and digits"),
        ("ali\u200bce", "Remove character 4 (U+200B). It does not show."),
        ("a\u200db", "Remove character 2 (U+200D). It does not show."),
        ("a\u3164", "Remove character 2 (U+3164). It does not show."),
        ("a\x00", "Remove character 2 (U+0000). It does not show."),
        ("a\ue000", "Remove character 2 (U+E000). It is not a letter."),
        ("_.-", "needs at least one letter or digit"),
        ("\u0301a", "needs a letter before it"),
        ("a" + "\u0301" * 5, "at most 4 accents or vowel signs. Remove some of them."),
        ("ａｌｉｃｅ", "Write it as “alice”."),
        ("ﬁnn", "Write it as “finn”."),
        ("aliceשלום", "Use letters of one direction of writing only."),
        ("1علی", "begins with a letter"),
        ("ب٣۳", "Use digits of one kind only"),
        ("ـ", "cannot contain “ـ”. Use another letter."),
    ],
)
def test_a_refusal_says_what_to_change(name, sentence):
    with pytest.raises(ValidationError) as refusal:
        validate_username(name)
    assert sentence in refusal.value.messages[0]


def test_the_name_of_an_account_does_not_mix_directions_of_writing():
    assert not is_username("aliceשלום")


@given(anything)
def test_every_name_of_an_account_would_be_a_valid_name_of_a_guest(name):
    if is_username(name):
        name = normalize_username(name)
        # Accounts may have letters that look like a colon or a star, as Hindi needs.
        assert problem_with_guest_name(name) is None or any(
            looks_like_colon(character) or looks_like_line_mark(character) for character in name
        )
        assert first_word(name) == name
        assert unicodedata.is_normalized("NFKC", name)


@given(plain_words.filter(lambda name: len(name) <= MAX_USERNAME))
def test_an_account_may_have_a_name_of_letters_and_digits(name):
    assert is_username(unicodedata.normalize("NFKC", name))
