"""The names that a message mentions, and where they end."""

import unicodedata

import pytest

from chat.names.keys import key_of
from chat.names.mentions import MAX_CANDIDATES, MAX_MENTIONS, signs
from chat.names.usernames import MAX_TYPED_USERNAME


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hello @ann", [["ann"]]),
        ("@Ann: hello, @bob!", [["ann"], ["bob"]]),
        ("(@ann)", [["ann"]]),
        ("@ann.", [["ann.", "ann"]]),
        ("@ann-marie.b", [["ann-marie.b", "ann-marie", "ann"]]),
        ("@annmarie", [["annmarie"]]),
        ("@ann's", [["ann"]]),
        ("@@ann", [["ann"]]),
        ("@_ann_", [["_ann_", "_ann"]]),
        ("你好@李雷你", [["李雷你", "李雷", "李"]]),
        ("@हिन्दी", [["हिन्दी", "हिन्", "हि"]]),
        ("@é", [["é"]]),
    ],
)
def test_a_name_follows_the_sign(text, names):
    found = signs(text)
    assert [[key for _, key in sign.names] for sign in found] == [
        [key_of(name) for name in some] for some in names
    ]
    for sign in found:
        typed = [text[sign.start + 1 : end] for end, _ in sign.names]
        assert [key_of(name) for name in typed] == [key for _, key in sign.names]


@pytest.mark.parametrize("text", ["", "@", "@ ann", "mail ann@example.com", "@.", "@-", "1@ann"])
def test_other_signs_mention_nobody(text):
    assert signs(text) == []


def test_only_the_first_signs_and_names_are_looked_at():
    assert len(signs("@ann " * 1000)) == MAX_MENTIONS
    many = signs(("@" + "李" * 40 + " ") * 1000)
    assert sum(len(sign.names) for sign in many) == MAX_CANDIDATES


def test_characters_that_stand_for_whole_phrases_make_no_long_names():
    (sign,) = signs("@" + "ﷺ" * 100)
    assert len(sign.names) == MAX_TYPED_USERNAME // len(unicodedata.normalize("NFKC", "ﷺ"))
