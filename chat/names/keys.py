"""The key of a name: two names that look the same have the same key."""

import unicodedata
from functools import lru_cache
from hashlib import sha256

from chat.names.characters import IGNORABLE, without_blank_symbols
from chat.names.confusables import skeleton

MAX_NAME = 64  # characters of a name that the site keeps
MAX_KEY = 400  # characters of a key
MAX_COMPARED = 1_000  # characters of a name; a longer one has the same key only as itself

LOOKS_LIKE_L_OR_O = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o"})


def key_of(name: str) -> str:
    """Return the key of `name`, at most `MAX_KEY` characters long. It is never shown.

    Names with the same key are the same name: alice is Alice, and also alice with a Cyrillic first
    letter, aIice and a1ice. Source: chat/wire/README.md, D3.
    """
    # Names of up to `MAX_NAME` characters are cached. A line from the legacy port may hold a name
    # of thousands of characters, and a cache of those would be large.
    return _cached_key(name) if len(name) <= MAX_NAME else _key(name)


def _key(name: str) -> str:
    # The time that it takes to sort combining marks grows with the square of their number.
    if len(name) > MAX_COMPARED:
        return _digest(name)
    text = unicodedata.normalize("NFKC", name).casefold()
    text = " ".join(without_blank_symbols(IGNORABLE.sub("", text)).split())
    text = skeleton(text).casefold().translate(LOOKS_LIKE_L_OR_O)
    # Some characters stand for a whole phrase, so a key may become too long for the database.
    return text if len(text) <= MAX_KEY else _digest(text)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()


_cached_key = lru_cache(maxsize=4096)(_key)
