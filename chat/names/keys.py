"""The key of a name: two names that look the same have the same key."""

import unicodedata
from functools import cache, lru_cache
from hashlib import sha256
from string import ascii_uppercase

from chat.names.characters import without_blank_symbols
from chat.names.confusables import skeleton
from chat.wire.characters import IGNORABLE

MAX_NAME = 64  # characters of a name that the site keeps
MAX_KEY = 400  # characters of a key
MAX_COMPARED = 1_000  # characters of a name; a longer one has the same key only as itself
MAX_FOLDS = 8  # no known text needs more than four

LOOKS_LIKE_L_OR_O = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o"})
# The letters of which Unicode has small capitals, as in their names.
SMALL_CAPITALS = {
    "LATIN": (
        *ascii_uppercase.replace("X", ""),
        *("AE", "OU", "ETH", "EZH", "OPEN O", "G WITH HOOK", "L WITH STROKE", "L WITH BELT"),
        *("TURNED E", "TURNED G", "TURNED K", "TURNED M", "TURNED R"),
    ),
    "GREEK": ("GAMMA", "LAMDA", "PI", "RHO", "PSI", "OMEGA"),
    "CYRILLIC": ("EL",),
}


def key_of(name: str) -> str:
    """Return the key of `name`, at most `MAX_KEY` characters long. It is never shown.

    Names with the same key are the same name: alice is Alice, and also alice with a Cyrillic first
    letter, aIice and a1ice. Source: chat/wire/README.md, D3.
    """
    # The time that it takes to sort combining marks grows with the square of their number.
    if len(name) > MAX_COMPARED:
        return _digest(name)
    key = fold(name)
    # Some characters stand for a whole phrase, so a key may become too long for the database.
    return key if len(key) <= MAX_KEY else _digest(key)


def fold(text: str) -> str:
    """Return `text` with one spelling for everything that looks alike, of any length.

    `text` has at most `MAX_COMPARED` characters.
    """
    # Names of up to `MAX_NAME` characters are cached. A line from the legacy port may hold a name
    # of thousands of characters, and a cache of those would be large.
    return _cached_fold(text) if len(text) <= MAX_NAME else _fold(text)


def _fold(text: str) -> str:
    # A letter may look like another one whose lower case looks like a third: a Cherokee letter
    # looks like M, and m looks like rn. So the steps are repeated until nothing changes.
    for _ in range(MAX_FOLDS):
        before, text = text, _fold_once(text)
        if text == before:
            break
    return text


def _fold_once(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    text = " ".join(without_blank_symbols(IGNORABLE.sub("", text)).split())
    return skeleton(text).casefold().translate(_small_capitals()).translate(LOOKS_LIKE_L_OR_O)


@cache
def _small_capitals() -> dict[int, str]:
    """Return {code point of a small capital, or of what looks like it: its letter's skeleton}."""
    table = {}
    for script, letters in SMALL_CAPITALS.items():
        for letter in letters:
            capital = unicodedata.lookup(f"{script} LETTER SMALL CAPITAL {letter}")
            small = unicodedata.lookup(f"{script} SMALL LETTER {letter}")
            for form in {capital, skeleton(capital)}:
                # A small capital that looks like an ordinary letter has become that letter.
                if len(form) == 1 and not form.isascii():
                    table[ord(form)] = skeleton(small).casefold()
    return table


def _digest(text: str) -> str:
    # A digest that contained 0 or 1 would not be its own key.
    digest = sha256(text.encode("utf-8", "replace")).hexdigest()
    return digest.translate(LOOKS_LIKE_L_OR_O)


_cached_fold = lru_cache(maxsize=4096)(_fold)
