"""The entries of the index: what is found of one message, in the form of each database.

Besides its words, an entry has a mark for its author, its room, and what the message contains. So
each part of a query is a step in the same index. No word has a mark's sign in it.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2s
from itertools import chain, count
from operator import add
from typing import Any

from chat.names.keys import key_of
from chat.search.words import Sought, words_of

SIGN = "§"
LINK = re.compile(r"\b(?:https?://|www\.)[^\s.]", re.IGNORECASE)  # also in texts without spans
CODE_SPANS = {"code", "block"}


def author_mark(name: str) -> str:
    """Return the mark of the messages of a person, by any name that looks the same."""
    return f"{SIGN}from{_digest(name)}"


@lru_cache(maxsize=1000)
def _digest(name):
    return blake2s(key_of(name).encode(), digest_size=8).hexdigest()


def room_mark(room_id: int) -> str:
    """Return the mark of the messages of a room."""
    return f"{SIGN}room{room_id}"


def has_mark(kind: str) -> str:
    """Return the mark of the messages that have something: `file`, `link` or `code`."""
    return f"{SIGN}{kind}"


def contents(text: str, spans: Sequence[Sequence[Any]] | None, has_files: bool) -> list[str]:
    """Return what a message has, of `query.HAS`."""
    kinds = {span[2] for span in spans or ()}
    found = ["file"] if has_files else []
    if "link" in kinds or _has_address(text):
        found.append("link")
    return [*found, "code"] if kinds & CODE_SPANS else found


def _has_address(text):
    """Return whether a text has a link. Most have no sign of one, which is seen at once."""
    return ("." in text or "://" in text) and LINK.search(text) is not None


def terms_of(
    room_id: int, name: str, text: str, spans: Sequence[Sequence[Any]] | None, has_files: bool
) -> tuple[list[str], list[str]]:
    """Return the words and the marks of a message."""
    has = contents(text, spans, has_files)
    return words_of(text), [room_mark(room_id), author_mark(name), *map(has_mark, has)]


def _place(position):
    return f":{position}"


PLACES = [*map(_place, range(1, 501))]  # made once, for all texts of a usual length


# PostgreSQL: a tsvector. SQLite: words with blanks between them, for FTS5's tokenizer `ascii`,
# which takes every character beyond ASCII as part of a word.


def for_postgresql(words: Iterable[str], marks: Iterable[str]) -> str:
    """Return a tsvector as it is typed. Marks have no position, so they are in no phrase.

    A word may occur several times, and PostgreSQL collects its positions.
    """
    placed = map(add, words, chain(PLACES, map(_place, count(len(PLACES) + 1))))
    return " ".join([*placed, *(f"'{mark}'" for mark in marks)])


def for_sqlite(words: Iterable[str], marks: Iterable[str]) -> str:
    """Return the words, and then the marks, with blanks around each."""
    return f" {' '.join([*words, *marks])} "


def postgresql_query(sought: Iterable[Sought], marks: Iterable[Sequence[str]]) -> str:
    """Return a tsquery for everything that is sought, and for one mark of each group."""
    parts = [
        "(" + " <-> ".join(f"'{word}'" + ":*" * each.is_prefix for word in each.words) + ")"
        for each in sought
    ]
    groups = ["(" + " | ".join(f"'{mark}'" for mark in group) + ")" for group in marks]
    return " & ".join([*parts, *groups])


def sqlite_query(sought: Iterable[Sought], marks: Iterable[Sequence[str]]) -> str:
    """Return the same for FTS5."""
    parts = [f'"{" ".join(each.words)}"' + " *" * each.is_prefix for each in sought]
    groups = ["(" + " OR ".join(f'"{mark}"' for mark in group) + ")" for group in marks]
    return " AND ".join([*parts, *groups])
