"""Properties of characters: which ones show nothing, and which hide something."""

import re
import unicodedata

# Unicode's property Default_Ignorable_Code_Point: characters that show nothing by themselves.
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# Symbols that show nothing: the Braille pattern without dots, the null note head.
BLANK_SYMBOLS = re.compile("[\u2800\U0001d159]")
# Letters that show a gap: Hangul's fillers.
BLANK_LETTERS = re.compile("[\u115f\u1160\u3164\uffa0]")
BLANK_CATEGORIES = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})

ZWJ = "\u200d"
# The blocks of Unicode's Extended_Pictographic characters, without the skin tones and without the
# letters that make up the flags of countries.
PICTOGRAPH = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001f0ff\U0001f10d-\U0001f1e5\U0001f200-\U0001f3fa"
    "\U0001f400-\U0001faff\U0001fc00-\U0001fffd]"
)
JOINED_EMOJI = re.compile(
    f"({PICTOGRAPH}[\ufe0f\U0001f3fb-\U0001f3ff]{{0,2}}){ZWJ}(?={PICTOGRAPH})"
)
# The flags of England, Scotland and Wales are spelled in invisible tags. No other flags of this
# kind are in use, and allowing them would let a name carry hidden text.
TAGGED_FLAG = re.compile(
    "\U0001f3f4\U000e0067\U000e0062"
    "(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)"
    "\U000e007f"
)


def is_visible(name: str) -> bool:
    """Return whether `name` has a character that shows something."""
    rest = BLANK_SYMBOLS.sub("", IGNORABLE.sub("", name))
    return any(unicodedata.category(character) not in BLANK_CATEGORIES for character in rest)


def has_hidden(name: str) -> bool:
    """Return whether `name` has a control, format or bidi character outside of an emoji."""
    rest = TAGGED_FLAG.sub("", JOINED_EMOJI.sub(r"\1", name))
    return any(unicodedata.category(character) in HIDDEN_CATEGORIES for character in rest)


def without_blank_symbols(name: str) -> str:
    """Return `name` with a space for each symbol that shows nothing."""
    return BLANK_SYMBOLS.sub(" ", name)
