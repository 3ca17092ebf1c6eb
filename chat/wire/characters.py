"""Characters that show nothing, by which a text or a name is found to be empty."""

import re

_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_BLANK_SYMBOLS = "\u2800\U0001d159\U00013441\U00013442\U00016fe4"
# Controls, all of Unicode's separators, and the format characters that are not ignorable. The signs
# that Arabic, Syriac and Kaithi write around numbers are format characters too, but are visible.
_CONTROLS = "\x00-\x1f\x7f-\x9f"
_SEPARATORS = " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_FORMATS = "\ufff9-\ufffb\U00013430-\U0001343f"

# Unicode's property Default_Ignorable_Code_Point: characters that show nothing by themselves.
IGNORABLE = re.compile(f"[{_IGNORABLE}]+")
# Symbols and letters that show a gap: the Braille pattern without dots, the null note head, blank
# hieroglyphs, and the filler of the Khitan script.
BLANK_SYMBOLS = re.compile(f"[{_BLANK_SYMBOLS}]")
VISIBLE = re.compile(f"[^{_IGNORABLE}{_BLANK_SYMBOLS}{_CONTROLS}{_SEPARATORS}{_FORMATS}]")


def is_visible(text: str) -> bool:
    """Return whether `text` has a character that shows something."""
    return VISIBLE.search(text) is not None
