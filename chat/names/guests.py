"""The names that guests of the legacy port may have."""

import unicodedata
from enum import Enum

from chat.names.characters import (
    BLANK_LETTERS,
    has_hidden,
    is_visible,
    without_blank_symbols,
)
from chat.names.confusables import skeleton
from chat.names.keys import MAX_NAME, key_of
from chat.names.usernames import DELETED_USER

BROADCASTS = ("has entered the room.", "has left the room.")


class NameProblem(Enum):
    """The reason why a guest may not have a name."""

    EMPTY = "empty"
    TAKEN = "taken"


def problem_with_guest_name(name: str) -> NameProblem | None:
    """Return the reason why no guest may have `name`, already stripped; None when one may.

    Source: chat/wire/README.md, D4.
    """
    if not is_visible(name):
        return NameProblem.EMPTY
    if len(name) > MAX_NAME or has_hidden(name) or _looks_like_a_broadcast(name):
        return NameProblem.TAKEN
    return None


def first_word(name: str) -> str:
    """Return the part of a guest's name that must not be the name of an account.

    Source: chat/wire/README.md, D5.
    """
    return next(iter(BLANK_LETTERS.sub(" ", without_blank_symbols(name)).split()), "")


def _looks_like_a_broadcast(name: str) -> bool:
    plain = unicodedata.normalize("NFKC", name)  # so that a wide colon counts as a colon
    return (
        ":" in plain
        or skeleton(plain[:1]) == "*"
        or any(text in plain for text in BROADCASTS)
        or key_of(name) == key_of(DELETED_USER)
    )
