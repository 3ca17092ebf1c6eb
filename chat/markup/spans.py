"""Spans: what a part of a text is.

A span is kept and sent as `[start, length, kind]` or `[start, length, kind, value]`, in UTF-16
units, in which browsers count. Spans nest, and stand in the order of their starts, outer ones
first.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

BOLD, ITALIC, STRIKE, CODE = "bold", "italic", "strike", "code"
BLOCK, QUOTE, ITEM = "block", "quote", "item"
LINK, MENTION, ROOM = "link", "mention", "room"
ESCAPE = "escape"  # marks, which are not shown
LEAVES = frozenset({CODE, LINK, MENTION, ROOM, ESCAPE})  # nothing is formatted in them
KINDS = frozenset(
    {BOLD, ITALIC, STRIKE, CODE, BLOCK, QUOTE, ITEM, LINK, MENTION, ROOM, ESCAPE},
)


class Span(NamedTuple):
    """A part of a text, in characters."""

    start: int
    end: int
    kind: str
    value: str | None = None


def in_order(spans: Iterable[Span]) -> list[Span]:
    """Return spans in the order of their starts, outer ones first.

    Of two for the same part the first is the outer one, unless it is a leaf.
    """
    return sorted(spans, key=lambda span: (span.start, -span.end, span.kind in LEAVES))


def encode(text: str, spans: Iterable[Span]) -> list[list[Any]]:
    """Return spans as they are kept and sent."""
    place = _utf16_places(text)
    encoded = []
    for start, end, kind, value in spans:
        first = place[start]
        span = [first, place[end] - first, kind]
        encoded.append(span if value is None else [*span, value])
    return encoded


def decode(text: str, spans: Iterable[list[Any]]) -> list[Span]:
    """Return kept spans of a text in characters, without those that do not fit it."""
    character = {unit: place for place, unit in enumerate(_utf16_places(text))}
    found: list[Span] = []
    open_ends = [len(text)]
    for first, length, kind, *value in spans:
        start, end = character.get(first), character.get(first + length)
        if kind not in KINDS or start is None or end is None or start >= end:
            continue
        while len(open_ends) > 1 and open_ends[-1] <= start:
            open_ends.pop()
        is_in_order = not found or start >= found[-1].start
        if is_in_order and end <= open_ends[-1]:
            found.append(Span(start, end, kind, *value))
            open_ends.append(end)
    return found


def _utf16_places(text):
    """Return the number of UTF-16 units before each character, and before the end."""
    if text.isascii() or max(text) <= "\uffff":
        return range(len(text) + 1)
    places, units = [0], 0
    for character in text:
        units += 1 if character <= "\uffff" else 2
        places.append(units)
    return places


def shown(text: str, spans: Iterable[Span]) -> str:
    """Return a text without the parts that are not shown."""
    pieces, place = [], 0
    for start, end in sorted((span.start, span.end) for span in spans if span.kind == ESCAPE):
        pieces.append(text[place:start])
        place = max(place, end)
    return "".join([*pieces, text[place:]])


def without_marks(text: str, spans: Iterable[list[Any]] | None) -> str:
    """Return a text with its kept spans without the parts that are not shown."""
    return shown(text, decode(text, spans)) if spans else text
