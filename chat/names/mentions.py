"""The names that a message mentions: `@name` for an account, `@room` for all members."""

import re
import unicodedata
from functools import cache
from itertools import islice
from typing import NamedTuple

from chat.names.characters import ZWNJ, is_mark
from chat.names.keys import key_of
from chat.names.usernames import MAX_TYPED_USERNAME, PUNCTUATION, is_letter_or_digit
from chat.wire.emoji import ZWJ

BEFORE_NAME = re.compile(r"@(?=[^\s@])")
EVERYBODY = "room"
MAX_MENTIONS = 20  # signs of one message that are looked at
MAX_CANDIDATES = 60  # names of one message that are looked up


class NamedEnd(NamedTuple):
    """A name that may follow a sign: where it ends in the text, and its key."""

    end: int
    key: str


class Sign(NamedTuple):
    """An `@` of a text, and the names that may follow it, the longest first."""

    start: int
    names: list[NamedEnd]


@cache
def everybody_key() -> str:
    """Return the key of the name for all members. Keys need a table that few commands need."""
    return key_of(EVERYBODY)


def signs(text: str) -> list[Sign]:
    """Return the signs of a text that may name somebody.

    A message may say "@ann.", and an account may be called `ann.b`: a name ends before any
    punctuation, and between letters of scripts that are written without spaces. Only the first
    signs and names of a text are looked at.
    """
    found: list[Sign] = []
    left = MAX_CANDIDATES
    for match in BEFORE_NAME.finditer(text):
        place = match.start()
        if not left or len(found) == MAX_MENTIONS:
            break
        if not _is_within_word(text, place):
            names = list(islice(_names(text, place + 1), left))
            left -= len(names)
            if names:
                found.append(Sign(place, names))
    return found


def _is_within_word(text, place):
    """Return whether the sign at a place belongs to something else, such as an email address."""
    before = text[place - 1] if place else " "
    return is_letter_or_digit(before) and not _is_without_case(before)


def _names(text, start):
    """Yield the names that may begin at a place, the longest first, as `NamedEnd`s.

    A character counts for those that it stands for, which may be eighteen. The time that a key
    takes grows with their number.
    """
    end, left = start, MAX_TYPED_USERNAME
    while end < len(text) and _is_in_names(text[end]):
        left -= len(unicodedata.normalize("NFKC", text[end]))
        if left < 0:
            break
        end += 1
    for place in range(end, start, -1):
        name = text[start:place]
        if (place == end or _may_end(text, place)) and any(map(is_letter_or_digit, name)):
            yield NamedEnd(place, key_of(name))


def _is_in_names(character):
    return is_letter_or_digit(character) or is_mark(character) or character in PUNCTUATION + _JOIN


_JOIN = ZWJ + ZWNJ


def _may_end(text, place):
    """Return whether a name may end before a place within a run of its characters."""
    following = text[place]
    if is_mark(following) or following in _JOIN:
        return False
    return following in PUNCTUATION or _is_without_case(text[place - 1] + following)


def _is_without_case(letters):
    return any(unicodedata.category(letter) == "Lo" for letter in letters)
