"""Who may be called what, and when two names are the same name."""

import re
import unicodedata
from enum import Enum
from functools import lru_cache
from hashlib import sha256

from django.core.exceptions import ValidationError
from precis_i18n import get_profile

from chat.names.confusables import skeleton

MAX_USERNAME = 30
MAX_NAME = 64
MAX_KEY = 400
MAX_COMPARED = 1_000  # characters of a name; a longer one is the same as itself only


class Refusal(Enum):
    """Why somebody may not come in under a name."""

    EMPTY = "empty"
    TAKEN = "taken"


# Unicode's property Default_Ignorable_Code_Point: characters that show nothing by themselves.
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# Count as symbols, and show nothing: the Braille pattern without dots, the null note head.
BLANK_SYMBOLS = re.compile("[\u2800\U0001d159]")
# Count as letters, and show a gap: Hangul's fillers.
BLANK_LETTERS = re.compile("[\u115f\u1160\u3164\uffa0]")
BLANK_CATEGORIES = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})

ZWJ = "\u200d"
# The blocks that hold Unicode's Extended_Pictographic characters, without skin tones and the
# letters that make up flags of countries.
PICTOGRAPH = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001f0ff\U0001f10d-\U0001f1e5\U0001f200-\U0001f3fa"
    "\U0001f400-\U0001faff\U0001fc00-\U0001fffd]"
)
JOINED_EMOJI = re.compile(
    f"({PICTOGRAPH}[\ufe0f\U0001f3fb-\U0001f3ff]{{0,2}}){ZWJ}(?={PICTOGRAPH})"
)
# The flags of England, Scotland and Wales are spelled in invisible tags. Only these three are
# in use; others would be a place to hide text in.
TAGGED_FLAG = re.compile(
    "\U0001f3f4\U000e0067\U000e0062"
    "(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)"
    "\U000e007f"
)
DELETED_USER = "deleted user"  # bears the lines of accounts that are no more
BROADCASTS = ("has entered the room.", "has left the room.")

LOOKS_LIKE_L_OR_O = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o"})
# Of kinds of characters, see `_kind`. Vowel signs and accents need some marks on one letter; a
# tower of them would cover the lines above.
SPELLING = re.compile("[_.-]*(?:am{0,4}[_.-]*)+")
PRECIS = get_profile("UsernameCasePreserved")


def key_of(name):
    """What `name` is compared by: names with the same key are the same name.

    So alice is Alice, and also alice with a Cyrillic first letter, aIice and a1ice. Never shown.
    At most `MAX_KEY` characters. Source: PROTOCOL.md, D3.
    """
    # A line from the legacy port may hold a name of thousands of characters; those are not kept.
    return _cached_key(name) if len(name) <= MAX_NAME else _key(name)


def guest_refusal(name):
    """Why nobody may come in as the guest `name`, already stripped; None when it may be.

    Source: PROTOCOL.md, D4.
    """
    if not _is_visible(name):
        return Refusal.EMPTY
    if len(name) > MAX_NAME or _has_hidden(name) or _looks_like_a_broadcast(name):
        return Refusal.TAKEN
    return None


def first_word(name):
    """The part of a guest's name that must not be somebody's account (PROTOCOL.md, D5)."""
    return next(iter(BLANK_LETTERS.sub(" ", _without_blank_symbols(name)).split()), "")


def validate_username(name):
    """Raise ValidationError unless an account may have this name.

    Letters and digits of any script, `_`, `.` and `-`, in the form that PRECIS (RFC 8265) gives
    them: composed (NFC), no wide or otherwise compatible forms, one direction of writing.
    """
    if not name or len(name) > MAX_USERNAME:
        raise ValidationError(f"A user name has 1 to {MAX_USERNAME} characters.", "length")
    if not _is_spelled_well(name):
        raise ValidationError(
            "A user name is made of letters, digits and _ . - and holds a letter or a digit.",
            "characters",
        )
    if not _is_precis(name):
        raise ValidationError(
            "A user name has no wide, decomposed or otherwise unusual forms of letters, and does "
            "not mix directions of writing.",
            "form",
        )


def _key(name):
    # Putting accents in order takes time that grows with the square of how many there are.
    if len(name) > MAX_COMPARED:
        return _digest(name)
    text = unicodedata.normalize("NFKC", name).casefold()
    text = " ".join(_without_blank_symbols(IGNORABLE.sub("", text)).split())
    text = skeleton(text).casefold().translate(LOOKS_LIKE_L_OR_O)
    # Some characters stand for a whole phrase; what would not fit the database is digested.
    return text if len(text) <= MAX_KEY else _digest(text)


def _digest(text):
    return sha256(text.encode("utf-8", "replace")).hexdigest()


_cached_key = lru_cache(maxsize=4096)(_key)


def _without_blank_symbols(name):
    return BLANK_SYMBOLS.sub(" ", name)


def _is_visible(name):
    rest = BLANK_SYMBOLS.sub("", IGNORABLE.sub("", name))
    return any(unicodedata.category(character) not in BLANK_CATEGORIES for character in rest)


def _has_hidden(name):
    """Whether `name` has a control, format or bidi character outside of an emoji."""
    rest = TAGGED_FLAG.sub("", JOINED_EMOJI.sub(r"\1", name))
    return any(unicodedata.category(character) in HIDDEN_CATEGORIES for character in rest)


def _looks_like_a_broadcast(name):
    plain = unicodedata.normalize("NFKC", name)  # a wide colon looks like one, too
    return (
        ":" in plain
        or skeleton(plain[:1]) == "*"
        or any(text in plain for text in BROADCASTS)
        or key_of(name) == key_of(DELETED_USER)
    )


def _is_spelled_well(name):
    return bool(SPELLING.fullmatch("".join(map(_kind, name))))


def _kind(character):
    """`a` for a letter or digit, `m` for a combining mark, else the character itself or `?`."""
    category = unicodedata.category(character)
    if category[0] == "L" or category == "Nd":
        return "a"
    if category in ("Mn", "Mc"):
        return "m"
    return character if character in "_.-" else "?"


def _is_precis(name):
    try:
        return PRECIS.enforce(name) == name
    except UnicodeEncodeError:
        return False
