"""The form of access keys. No guest has a name that contains one."""

import re

KEY_PREFIX = "cs_"
KEY_CHARACTERS = "abcdefghijkmnopqrstuvwxyz23456789"  # without l, 1 and 0, which look like others
KEY_LENGTH = 20  # characters after the prefix: 100 random bits

# Somebody who has mistyped their name or their key must not enter as a guest whose name shows it. A
# whole key is found anywhere, a part of one at the beginning of a word.
KEY_LIKE = re.compile(
    rf"(?<![^\W_]){KEY_PREFIX}\S*|{KEY_PREFIX}[{KEY_CHARACTERS}]{{{KEY_LENGTH}}}\S*", re.IGNORECASE
)


def contains_key(name: str) -> bool:
    """Return whether a name contains something that may be an access key, right or wrong."""
    return bool(KEY_LIKE.search(name))


def split_key(text: str) -> tuple[str, str]:
    """Return the name and the access key in what follows `login`; the key is empty without one.

    The last word is a key if it looks like one.
    """
    words = text.rsplit(maxsplit=1)
    return (words[0], words[1]) if len(words) > 1 and contains_key(words[1]) else (text, "")


def without_keys(text: str) -> str:
    """Return a text in which nothing that looks like an access key can be read."""
    return KEY_LIKE.sub(f"{KEY_PREFIX}...", text)
