"""The words of a text: what is the same word, and where a word ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.search.words import MAX_WORD, contains, placed_words, sought_in, words_of

pytestmark = pytest.mark.same_on_every_database


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, WORLD!", ["hello", "world"]),
        ("snake_case foo.bar 2*3", ["snake", "case", "foo", "bar", "2", "3"]),
        ("Crème Brûlée, Größe, Øre, Łódź", ["creme", "brulee", "grosse", "ore", "lodz"]),
        ("Cre\u0300me", ["creme"]),  # the accent is a character of its own
        ("ёлка Ёлка", ["елка", "елка"]),
        ("ﬁne ＡＢＣ ①", ["fine", "abc", "1"]),
        ("soft\u00adhyphen zero\u200bwidth", ["softhyphen", "zerowidth"]),
        ("東京都", ["東京", "京都", "都"]),
        ("go to 東京 now", ["go", "to", "東京", "京", "now"]),
        ("がく か\u3099く", ["がく", "く", "がく", "く"]),
        ("한국어", ["한국", "국어", "어"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("well 👍🏽 done ❤️", ["well", "👍", "done", "❤"]),
        ("\x00\ud800 § %_", []),
    ],
)
def test_words_are_those_that_people_would_look_for(text, words):
    assert words_of(text) == words


def test_the_rest_of_a_long_word_is_ignored():
    assert words_of("x" * 4000) == words_of("x" * 3000) == ["x" * MAX_WORD]
    assert words_of("ä" * 4000) == ["a" * MAX_WORD]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("A crème brûlée.", "CREME"),
        ("A creme brulee.", "crème brûlée"),
        ("snake_case", "snake_case"),
        ("我爱北京天安门", "北京"),
        ("我爱北京天安门", "天安门"),
        ("我爱北京天安门", "门"),
        ("我爱北京天安门", "爱"),
        ("at 東京tower", "東京tower"),
        ("at 東京", "at 東"),
        ("서울에서", "서울"),
    ],
)
def test_what_stands_in_a_text_is_found(text, typed):
    words = words_of(text)
    assert all(contains(words, sought) for sought in sought_in(typed))
    assert sought_in(typed)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("gardens", "garden"),
        ("case snake", "snake_case"),
        ("北京", "京北"),
        ("天安", "天安门"),
        ("か", "が"),
    ],
)
def test_what_stands_in_no_text_is_not_found(text, typed):
    words = words_of(text)
    assert not all(contains(words, sought) for sought in sought_in(typed))


@given(st.text(max_size=60))
def test_every_text_contains_what_is_sought_in_it_and_its_words_have_places(text):
    import unicodedata

    words = words_of(text)
    assert all(word and " " not in word and "§" not in word for word in words)
    assert not set("".join(words)) & set("'\"\\()*:&|!<>-")
    text = unicodedata.normalize("NFC", text)
    placed = list(placed_words(text))
    assert [each.word for each in placed] == words
    assert all(0 <= each.start < each.end <= len(text) for each in placed)
