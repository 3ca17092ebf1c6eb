"""The found words in the text of a hit."""

import pytest

from chat.search.marking import ELLIPSIS, MAX_SHOWN, pieces
from chat.search.words import sought_in

pytestmark = pytest.mark.same_on_every_database


def marked(text, typed):
    """Return the text with the found words in brackets."""
    found = pieces(text, sought_in(typed))
    return "".join(f"[{piece.text}]" if piece.is_found else piece.text for piece in found)


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("A Rose is a rose.", "rose", "A [Rose] is a [rose]."),
        ("red roses, red tea", "red_roses", "[red roses], red tea"),
        ("Cre\u0300me", "creme", "[Crème]"),
        ("我爱北京天安门", "北京天", "我爱[北京天]安门"),
        ("我爱北京", "京", "我爱北[京]"),
        ("<b>rose</b>", "rose", "<b>[rose]</b>"),
        ("Größe 👍🏽!", "GROSSE", "[Größe] 👍🏽!"),
        ("nothing", "rose", "nothing"),
    ],
)
def test_found_words_are_marked(text, typed, shown):
    assert marked(text, typed) == shown


def test_a_long_text_is_shown_around_the_first_found_word():
    shown = marked("word " * 500 + "rose " + "word " * 500, "rose")
    assert "[rose]" in shown
    assert shown.startswith(f"{ELLIPSIS}word") and shown.endswith(ELLIPSIS)
    assert len(shown) <= MAX_SHOWN + len("……[]")


def test_a_long_text_in_which_the_word_comes_early_is_shown_from_its_begin():
    assert marked("a rose " + "word " * 500, "rose").startswith("a [rose] word")
