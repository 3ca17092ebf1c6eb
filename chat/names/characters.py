"""Properties of the characters in names: which ones are hidden, and which look like marks."""

import re
import unicodedata

from precis_i18n.context import context_rule_error
from precis_i18n.unicode import UnicodeData

from chat.names.confusables import skeleton
from chat.wire.characters import BLANK_SYMBOLS

# Letters that show a gap: Hangul's fillers.
BLANK_LETTERS = re.compile("[\u115f\u1160\u3164\uffa0]")
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})

ZWNJ = "\u200c"
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

MAX_MARKS = 4  # accents and vowel signs on one letter; a tower of them would cover other lines
# Characters that look like a mark although neither their skeleton nor their name says so: the word
# space of Ethiopic is two dots, one above the other.
OTHER_COLONS = frozenset("\u1361")
MARK_NAMES = {"*": "ASTERISK", "#": "NUMBER SIGN", "@": "COMMERCIAL AT"}

_unicode = UnicodeData()


def has_hidden(name: str) -> bool:
    """Return whether `name` has a control, format or bidi character that it does not need.

    Emoji need joiners. Persian and Indic scripts need them between letters, where RFC 5892,
    appendix A, allows them.
    """
    rest = TAGGED_FLAG.sub("", JOINED_EMOJI.sub(r"\1", name))
    return any(
        unicodedata.category(character) in HIDDEN_CATEGORIES and not is_joiner_in_place(rest, place)
        for place, character in enumerate(rest)
    )


def is_joiner_in_place(name: str, place: int) -> bool:
    """Return whether `name` has a joiner at `place`, and RFC 5892, appendix A, allows it there."""
    return name[place] in (ZWNJ, ZWJ) and not context_rule_error(name, place, _unicode)


def without_joiners(name: str) -> str:
    return name.replace(ZWNJ, "").replace(ZWJ, "")


def without_blank_symbols(name: str) -> str:
    """Return `name` with a space for each symbol that shows nothing."""
    return BLANK_SYMBOLS.sub(" ", name)


def is_mark(character: str) -> bool:
    """Return whether `character` is drawn on the character before it."""
    return unicodedata.category(character)[0] == "M"


def has_too_many_marks(name: str) -> bool:
    """Return whether more than `MAX_MARKS` combining marks stand on one character of `name`."""
    count = 0
    for character in unicodedata.normalize("NFD", without_joiners(name)):
        count = count + 1 if is_mark(character) else 0
        if count > MAX_MARKS:
            return True
    return False


def looks_like_colon(character: str) -> bool:
    name = unicodedata.name(character, "").replace("SEMICOLON", "")
    return character in OTHER_COLONS or "COLON" in name or ":" in skeleton(character)


def looks_like_line_mark(character: str) -> bool:
    """Return whether `character` looks like a mark that begins a line: `*`, `#` or `@`."""
    name = unicodedata.name(character, "")
    return skeleton(character)[:1] in MARK_NAMES or any(
        words in name for words in MARK_NAMES.values()
    )
