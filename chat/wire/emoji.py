"""The emoji of Unicode, by the structure that all of them have."""

import re

ZWJ = "\u200d"
VARIATION = "\ufe0f"  # asks for the coloured form of the character before it
# The blocks of Unicode's Extended_Pictographic characters, without the skin tones and without the
# letters that make up the flags of countries.
PICTOGRAPH = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001f0ff\U0001f10d-\U0001f1e5\U0001f200-\U0001f3fa"
    "\U0001f400-\U0001faff\U0001fc00-\U0001fffd]"
)
# The flags of England, Scotland and Wales are spelled in invisible tags. No other flags of this
# kind are in use, and allowing them would allow hidden text.
TAGGED_FLAG = (
    "\U0001f3f4\U000e0067\U000e0062"
    "(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)"
    "\U000e007f"
)
FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
KEYCAP = f"[0-9#*]{VARIATION}?\u20e3"
SKIN_TONE = "[\U0001f3fb-\U0001f3ff]"
PART = f"{PICTOGRAPH}{VARIATION}?{SKIN_TONE}?"
MAX_PARTS = 8  # that joiners connect
JOINED = f"{PART}(?:{ZWJ}{PART}){{0,{MAX_PARTS - 1}}}"
EMOJI = re.compile("|".join([TAGGED_FLAG, FLAG, KEYCAP, JOINED, SKIN_TONE]))


def is_emoji(text: str) -> bool:
    """Return whether a text is one emoji.

    Symbols that are drawn like emoji are some too.
    """
    return EMOJI.fullmatch(text) is not None
