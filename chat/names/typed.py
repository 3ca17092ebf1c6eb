"""The names at the beginning of a text that somebody has typed, such as `garden hello there`."""

import re
import unicodedata
from typing import NamedTuple

MAX_TYPED_NAME = 128  # characters; no name is longer, however it is written
QUOTE = '"'


class LeadingName(NamedTuple):
    """A text that may be a name, and what follows it without the blanks in between."""

    name: str
    rest: str


def leading_names(text: str, longest: int = MAX_TYPED_NAME) -> list[LeadingName]:
    """Return the names that a text may begin with, the longest first.

    A name is a run of leading words with at most `longest` characters. In quotes it is what stands
    between them, and nothing else.
    """
    if text.startswith(QUOTE):
        name, quote, rest = text[1 : longest + 2].partition(QUOTE)
        if quote:
            return [LeadingName(name.strip(), (rest + text[longest + 2 :]).strip())]
    ends = [found.start() for found in re.finditer(r"\s+|$", text[: longest + 1])]
    last = _last_end(text, longest)
    return [
        LeadingName(text[:end], text[end:].strip()) for end in reversed(ends) if 0 < end <= last
    ]


def _last_end(text, longest):
    """Return where a name ends at the latest. A character counts for those that it stands for."""
    left = longest
    for place, character in enumerate(text[:longest]):
        left -= len(unicodedata.normalize("NFKC", character))
        if left < 0:
            return place
    return min(len(text), longest)
