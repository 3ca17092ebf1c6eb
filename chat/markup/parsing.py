"""Finds the markup in a text, and the signs that may name people and rooms."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from chat.markup.spans import BLOCK, CODE, ESCAPE, LINK, Span, encode, in_order
from chat.names.mentions import Sign, signs

MAX_ROOMS = 20  # signs of rooms that are looked at

# Most texts have no such character, and begin no list. Those that have one seldom have a mark.
RARE = re.compile(r"[*`~\\@#>:]")
BEGINS_LIST = re.compile(r"[ \t]*(?:-|\d{1,9}[.)])[ \t]")
GOES_ON_WITH_LIST = re.compile(rf"\n{BEGINS_LIST.pattern}")
MARK = re.compile(r"[*`@#\\]|~~|https?://|^[ \t]*>", re.IGNORECASE | re.MULTILINE)
ROOM = re.compile(r"(?<![\w/&#])#([a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?)(?![\w#-])", re.IGNORECASE)
WITHOUT_NAMES = (BLOCK, CODE, LINK)


class RoomSign(NamedTuple):
    """A part of a text that may name a room, and the address that this room would have."""

    start: int
    end: int
    slug: str


class Markup(NamedTuple):
    """The markup of a text: its spans, and the signs that may name people and rooms.

    The signs become spans once the accounts and rooms are known.
    """

    text: str
    spans: tuple[Span, ...] = ()
    people: tuple[Sign, ...] = ()
    rooms: tuple[RoomSign, ...] = ()

    def encoded(self, names: Sequence[Span] = ()) -> list[list[Any]] | None:
        """Return the spans as they are kept, with those of names; None if there are none."""
        if not (self.spans or names):
            return None
        return encode(self.text, in_order([*self.spans, *names]))


def parse(text: str) -> Markup:
    """Return the markup of a clean text. A text without any costs next to nothing."""
    if not _may_have_marks(text):
        return Markup(text)
    # The rules are imported with the first text that needs them, in servers before: commands and
    # most tests never need their library, and loading it is a tenth of their start.
    from chat.markup import marks

    spans = marks.find(text)
    taken = [span for span in spans if _is_without_names(text, span)]
    return Markup(
        text,
        tuple(spans),
        tuple(sign for sign in signs(text) if _is_free(taken, sign.start, sign.names[0].end)),
        tuple(sign for sign in _room_signs(text) if _is_free(taken, sign.start, sign.end)),
    )


def _may_have_marks(text):
    if BEGINS_LIST.match(text) or ("\n" in text and GOES_ON_WITH_LIST.search(text)):
        return True
    return RARE.search(text) is not None and MARK.search(text) is not None


def _is_without_names(text, span):
    """Return whether a span has no names; a hidden backslash has none after it either."""
    return span.kind in WITHOUT_NAMES or (span.kind == ESCAPE and text[span.start] == "\\")


def _is_free(taken, start, end):
    return not any(
        span.start < end and (start < span.end or (span.kind == ESCAPE and start == span.end))
        for span in taken
    )


def _room_signs(text):
    for match in islice(ROOM.finditer(text), MAX_ROOMS):
        yield RoomSign(match.start(), match.end(), match[1].lower())
