"""Properties of the characters in names: which ones are hidden, and which look like marks."""

import re
import unicodedata

from precis_i18n.context import context_rule_error
from precis_i18n.unicode import UnicodeData

from chat.names.confusables import skeleton
from chat.wire.characters import BLANK_SYMBOLS
from chat.wire.emoji import PICTOGRAPH, TAGGED_FLAG, ZWJ

# Letters that show a gap: Hangul's fillers.
BLANK_LETTERS = re.compile("[\u115f\u1160\u3164\uffa0]")
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})

ZWNJ = "\u200c"
JOINED_EMOJI = re.compile(
    f"({PICTOGRAPH}[\ufe0f\U0001f3fb-\U0001f3ff]{{0,2}}){ZWJ}(?={PICTOGRAPH})"
)
ONLY_FLAG = re.compile(TAGGED_FLAG)

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
    rest = ONLY_FLAG.sub("", JOINED_EMOJI.sub(r"\1", name))
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
