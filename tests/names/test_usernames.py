"""The names that accounts may have."""

import unicodedata

import pytest
from hypothesis import given

from chat.names.guests import first_word, problem_with_guest_name
from chat.names.usernames import MAX_USERNAME
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
