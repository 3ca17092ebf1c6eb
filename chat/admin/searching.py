"""Searches in the lists: every word must be found, in any letter case."""

from collections.abc import Callable

from django.db.models import Q, QuerySet
from django.utils.text import smart_split, unescape_string_literal

from chat.names import key_of
from chat.room.text_search import contains

MAX_SEARCH = 200  # characters; the rest is ignored
MAX_SEARCH_WORDS = 10  # further words are ignored


def search(queryset: QuerySet, search_term: str, matches: Callable[[str], Q]) -> QuerySet:
    """Return the rows that match every word of `search_term`.

    Words in quotation marks count as one. `matches` returns the condition for one word.
    """
    if "\0" in search_term:  # no text contains it, and PostgreSQL refuses to look for it
        return queryset.none()
    for word in list(smart_split(search_term[:MAX_SEARCH]))[:MAX_SEARCH_WORDS]:
        queryset = queryset.filter(matches(_without_quotes(word)))
    return queryset


def matches_user(word: str) -> Q:
    return name_looks_like(word) | contains("username", word) | contains("email", word)


def matches_message(word: str) -> Q:
    return contains("text", word) | contains("name", word)


def matches_presence(word: str) -> Q:
    return name_looks_like(word) | contains("name", word)


def name_looks_like(word: str) -> Q:
    """Match names that contain the word, or characters that look the same."""
    key = key_of(word)
    return Q(key__contains=key) if key else Q()


def _without_quotes(word: str) -> str:
    is_quoted = len(word) > 1 and word[0] in "\"'" and word[0] == word[-1]
    return unescape_string_literal(word) if is_quoted else word
