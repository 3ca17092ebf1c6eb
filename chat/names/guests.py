"""The names that guests of the legacy port may have."""

import re
import unicodedata
from enum import Enum
from functools import cache, lru_cache

from chat.names.access_keys import contains_key
from chat.names.characters import (
    BLANK_LETTERS,
    has_hidden,
    has_too_many_marks,
    is_mark,
    looks_like_colon,
    looks_like_line_mark,
    without_blank_symbols,
)
from chat.names.confusables import skeleton
from chat.names.keys import MAX_NAME, fold, key_of
from chat.names.usernames import is_letter_or_digit
from chat.wire.characters import IGNORABLE, is_visible

BROADCASTS = ("has entered the room.", "has left the room.")
INNER_PUNCTUATION = "_.-"  # characters that do not end the part of a word that is a name


class NameProblem(Enum):
    """The reason why a guest may not have a name."""

    EMPTY = "empty"
    TAKEN = "taken"


def problem_with_guest_name(name: str) -> NameProblem | None:
    """Return the reason why no guest may have `name`, already stripped; None when one may.

    Names of accounts and reserved names are not considered here, see `claimed_keys`.
    Source: chat/wire/README.md, D4.
    """
    if not is_visible(name):
        return NameProblem.EMPTY
    if (
        len(name) > MAX_NAME
        or has_hidden(name)
        or has_too_many_marks(name)
        or _has_colon(name)
        or begins_like_a_line(name)
        or _contains_broadcast(name)
        or contains_key(name)
    ):
        return NameProblem.TAKEN
    return None


@lru_cache(maxsize=4096)
def claimed_keys(name: str) -> frozenset[str]:
    """Return the keys that must not be an account's or reserved if a guest has this name.

    They are those of the whole name and of its first word, as they are, and without the symbols
    around them. `name` has at most `MAX_NAME` characters. Source: chat/wire/README.md, D5.
    """
    word = first_word(name)
    names_of_words = {form for form in _trimmed_forms(name, " ") if " " in form}
    texts = {name, word, *_trimmed_forms(word), *names_of_words}
    return frozenset(key_of(text) for text in texts if text)


def first_word(name: str) -> str:
    """Return the first of the words in a guest's name, which blanks separate."""
    return next(iter(_with_visible_gaps(name).split()), "")


def trimmed(word: str) -> str:
    """Return the name in a word, without what surrounds it: `ann` for `@ann`, `ann.` and `ann✓`.

    It begins and ends with a letter, mark or digit. It ends before any other character that is not
    `_`, `.` or `-`.
    """
    return _name_part(word).strip(INNER_PUNCTUATION)


def _trimmed_forms(text: str, blank: str = "") -> set[str]:
    """Return the names in `text` that somebody may read there; `blank` does not end a name.

    Some symbols are another way to write a letter or look like one, as U+2228 looks like v. So
    `text` is also trimmed in the form in which it is compared. The name of an account may begin and
    end with punctuation, so each name is also returned with its punctuation.
    """
    gaps = _with_visible_gaps(text)
    forms = (gaps, unicodedata.normalize("NFKC", gaps), fold(gaps))
    parts = {_name_part(form, blank).strip() for form in forms}
    return parts | {part.strip(INNER_PUNCTUATION + blank) for part in parts}


def _name_part(text: str, blank: str = "") -> str:
    """Return the first part of `text` that could be a name: `_ann.` for `@_ann.✓ hi`."""
    inner = INNER_PUNCTUATION + blank
    kinds = "".join(
        "a"
        if is_mark(character) or is_letter_or_digit(character)
        else "-"
        if character in inner
        else "?"
        for character in text
    )
    found = re.search("-*a[a-]*", kinds)
    return text[found.start() : found.end()] if found else ""


def _with_visible_gaps(name: str) -> str:
    """Return `name` with a space for each character that shows a gap."""
    return BLANK_LETTERS.sub(" ", without_blank_symbols(name))


def _has_colon(name: str) -> bool:
    return any(map(looks_like_colon, name + unicodedata.normalize("NFKC", name)))


def begins_like_a_line(name: str) -> bool:
    """Return whether `name` begins with what begins notices and lines of other rooms."""
    visible = _visible_part(name)
    base = next((character for character in visible if not is_mark(character)), "")
    return any(map(looks_like_line_mark, {visible[:1], base} - {""}))


def _contains_broadcast(name: str) -> bool:
    visible = _visible_part(name)
    squeezed = " ".join(visible.split())
    forms = {skeleton(squeezed), skeleton(unicodedata.normalize("NFKC", squeezed)), fold(visible)}
    return any(broadcast in form for broadcast in _folded_broadcasts() for form in forms)


@cache
def _folded_broadcasts() -> set[str]:
    return {form for text in BROADCASTS for form in (skeleton(text), fold(text))}


def _visible_part(name: str) -> str:
    """Return `name` without the characters that do not show, and without blanks at its ends."""
    return IGNORABLE.sub("", _with_visible_gaps(name)).strip()
