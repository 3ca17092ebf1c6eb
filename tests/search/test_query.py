"""The language of searches: what each part means, and a sentence for each mistake."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.search.query import MAX_QUERY, OPERATORS, Mistaken, Query, parse
from chat.search.words import Sought

pytestmark = pytest.mark.same_on_every_database


def words(*phrases):
    return tuple(Sought(tuple(phrase.split())) for phrase in phrases)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("red  Roses", Query(words("red", "roses"))),
        ('"red roses" today', Query(words("red roses", "today"))),
        ("“red roses”", Query(words("red roses"))),
        ("rose-garden", Query(words("rose garden"))),
        ("rose rose", Query(words("rose"))),
        ("from:alice rose", Query(words("rose"), authors=("alice",))),
        ("FROM:@alice", Query(authors=("alice",))),
        ('from:"Mad Hatter" from:bob', Query(authors=("Mad Hatter", "bob"))),
        ("in:#lobby in:@bob", Query(rooms=("#lobby", "@bob"))),
        ("before:2026-11-30", Query(before=date(2026, 11, 30))),
        (
            "after:2026-01-01 after:2026-02-01 before:2026-03-01 before:2026-04-01",
            Query(after=date(2026, 2, 1), before=date(2026, 3, 1)),
        ),
        ("has:link has:CODE", Query(has=("link", "code"))),
        ("http://example.org", Query(words("http example org"))),
        ("to:alice", Query(words("to alice"))),
        ('"from:alice"', Query(words("from alice"))),
        ('tea"pot"', Query(words("tea", "pot"))),
    ],
)
def test_a_query_is_understood(text, query):
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a word to search for"),
        ("?!", "a word to search for"),
        ('""', "a word to search for"),
        ('"red roses', "quotation mark"),
        ('from:"Mad', "quotation mark"),
        ("from:", "behind from: from:alice"),
        ("from: alice", "behind from:"),
        ('in:" "', "behind in:"),
        ("rose has:", "has:file, has:link or has:code"),
        ("has:picture", "“picture”"),
        ("before:yesterday", "“yesterday” is not a day"),
        ("before:2026-02-30", "“2026-02-30” is not a day"),
        ("after:0000-01-01", "is not a day"),
        ("after:9999-12-31", "is not a day"),
        ("after:２０２６-01-01", "is not a day"),
        ("before:2026-01-01 after:2026-01-01", "No day"),
        ("x" * (MAX_QUERY + 1), f"{MAX_QUERY} characters"),
        (" ".join(f"w{n}" for n in range(21)), "20 words"),
        (" ".join(f"from:p{n}" for n in range(11)), "10 times"),
    ],
)
def test_a_mistake_is_explained(text, says):
    with pytest.raises(Mistaken, match=r"\.$") as mistake:
        parse(text)
    assert says in str(mistake.value)


PIECES = [*(f"{operator}:" for operator in OPERATORS), '"', "“", " ", "rose", "2026-01-01", "file"]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join))
def test_every_text_is_a_query_or_a_mistake(text):
    try:
        query = parse(text)
    except Mistaken as mistake:
        assert str(mistake)
    else:
        assert query != Query()
