"""The form of access keys."""

import pytest

from chat.names.access_keys import KEY_CHARACTERS, KEY_LENGTH, KEY_PREFIX, split_key, without_keys

KEY = KEY_PREFIX + KEY_CHARACTERS[:KEY_LENGTH]


@pytest.mark.parametrize(
    ("typed", "name", "key"),
    [
        (f"ann {KEY}", "ann", KEY),
        (f"ann b  {KEY}", "ann b", KEY),
        (f"ann\t{KEY}", "ann", KEY),
        ("ann cs_wrong", "ann", "cs_wrong"),
        ("ann b", "ann b", ""),
        ("ann", "ann", ""),
        ("", "", ""),
        (KEY, KEY, ""),
        (f"{KEY} ann", f"{KEY} ann", ""),
    ],
)
def test_a_key_is_the_last_word_of_a_login_and_looks_like_one(typed, name, key):
    assert split_key(typed) == (name, key)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (KEY, "cs_..."),
        (KEY.upper(), "cs_..."),
        (f"x\t{KEY}", "x\tcs_..."),
        (f"login:{KEY}", "login:cs_..."),
        (f"ann{KEY}x", "anncs_..."),
        ("docs_x", "docs_x"),
        ("look", "look"),
    ],
)
def test_nothing_that_looks_like_a_key_is_repeated(text, shown):
    assert without_keys(text) == shown
