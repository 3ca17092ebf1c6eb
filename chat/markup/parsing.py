"""Finds the markup in a text."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, islice
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from chat.markup import blocks, inline, links
from chat.markup.blocks import PARAGRAPH, Lines
from chat.markup.containers import BlockSpans
from chat.markup.inline import MAX_LINKS, TooManyMarks
from chat.markup.spans import BLOCK, CODE, ESCAPE, LINK, Span, encode, in_order, shown
from chat.names.mentions import Sign, signs
from chat.wire.characters import is_visible

MAX_SPANS = 500  # besides names; a text with more is shown as it was typed
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
    spans = _spans(text)
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


def _spans(text):
    parser = _parser()
    tokens: list[Token] = []
    parser.block.parse(text, parser, {}, tokens)
    spans = BlockSpans(text).collect(tokens)
    reader = inline.Reader(parser)
    try:
        for token in tokens:
            if token.type == PARAGRAPH:
                spans += _placed(reader.read(token.content), token.meta["lines"])
    except TooManyMarks:
        return _links(text)
    # No message may become one that shows nothing.
    if len(spans) > MAX_SPANS or not is_visible(shown(text, spans)):
        return _links(text)
    return in_order(spans)


def _links(text):
    return [inline.link(text, start, end) for start, end in links.find(text, MAX_LINKS)]


@cache
def _parser():
    parser = MarkdownIt("zero")
    blocks.use(parser)
    inline.use(parser)
    return parser


def _placed(spans: list[Span], lines: Lines) -> Iterator[Span]:
    """Yield the spans of a paragraph with their places in the whole text."""
    lengths = (end - start + 1 for start, end in lines.places)
    begins = [0, *accumulate(lengths)][:-1]

    def place(offset):
        line = bisect_right(begins, offset) - 1
        return lines.places[line][0] + offset - begins[line]

    for span in spans:
        yield span._replace(start=place(span.start), end=place(span.end))


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
