"""Queries that try to break the search: each finds something, finds nothing, or is explained."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.room.access import Reader
from chat.search import hits
from chat.search.query import OPERATORS, Mistaken
from tests.support.log import say
from tests.support.search import found, index

pytestmark = pytest.mark.django_db(transaction=True)

SYNTAX = [
    *("AND", "OR", "NOT", "NEAR", "NEAR(a b)", "a*", "^a", "-a", "+a", "(", ")", "{a}", "a:b"),
    *("terms:rose", "rowid:1", "chat_messagewords", '""', '"', "'", "''", "\\", "%", "_", "%s"),
    *("a & b", "a | b", "!a", "a <-> b", "a:*", "'a':1A", "§room1", "§from", ";", "--", "/*"),
    *("\x00", "\ufeff", "\u202e", "\ud800", "\n", "\t", "💥", "e\u0301" * 50, "{{ x }}", "<b>"),
]


def search(user, text):
    """Search in both orders; return the texts that were found, or the mistake."""
    try:
        newest = found(user, text)
        assert sorted(found(user, text, hits.best)) == sorted(newest)
    except Mistaken as mistake:
        return str(mistake)
    return newest


@pytest.fixture
def said(lobby, stays, alice):
    say(lobby, stays[0], "a rose", "AND OR NOT NEAR", "100% of a_b", "a b")
    index()
    return alice


@pytest.mark.parametrize("syntax", SYNTAX)
def test_the_syntax_of_the_databases_means_nothing(said, syntax):
    for text in (syntax, f"rose {syntax}", f'"{syntax}"', f"{syntax}{syntax}", f"from:{syntax}"):
        search(said, text)
    assert found(said, "rose") == ["a rose"]


def test_wildcards_and_words_of_the_syntax_are_plain_text(said):
    assert search(said, "AND") == search(said, "or NOT") == ["AND OR NOT NEAR"]
    assert search(said, "ro%") == search(said, "r_se") == search(said, "ros*") == []
    assert search(said, "100%") == ["100% of a_b"]
    assert search(said, "§room1 rose") == []


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize(
    "value", ["", '"', '""', " ", "\x00", "%", "'", "x" * 400, "-1", "§", "@", "#", "a:b", "1" * 99]
)
def test_every_broken_operator_is_explained_or_finds_nothing(said, operator, value):
    answer = search(said, f"{operator}:{value}")
    assert answer == [] or answer.endswith((".", "has:code."))


@pytest.mark.parametrize(
    "text", ["x" * 4000, "rose " * 800, '"' * 4000, "京" * 4000, "from:" * 800]
)
def test_a_query_of_4000_characters_is_explained(said, text):
    assert "at most 500 characters" in search(said, text)


@pytest.mark.parametrize("place", [-1, 0, 10**18])
def test_every_place_is_understood(said, place):
    for order in (hits.newest, hits.best):
        order("rose", Reader(said.pk), place)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.sampled_from([*SYNTAX, *(f"{operator}:" for operator in OPERATORS), " ", "rose"])
        | st.text(max_size=5),
        max_size=8,
    ).map("".join)
)
def test_no_text_breaks_the_search(said, text):
    search(said, text)


def test_a_message_can_contain_anything(lobby, stays, alice):
    texts = [*(text for text in SYNTAX if text not in ("\x00", "\ud800")), "x" * 4000, "ä" * 4000]
    texts += ["京" * 4000, "a " * 2000, "'" * 4000, "é\u0301" * 2000]
    say(lobby, stays[0], *texts, "the last rose")
    index()
    assert found(alice, "last") == ["the last rose"]
    assert search(alice, "x" * 400) == ["x" * 4000]
