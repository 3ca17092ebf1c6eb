"""Finds the spans of a text by the rules for markdown-it."""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.token import Token

from chat.markup import blocks, inline, links
from chat.markup.blocks import PARAGRAPH, Lines
from chat.markup.containers import BlockSpans
from chat.markup.inline import MAX_LINKS, TooManyMarks
from chat.markup.spans import Span, in_order, shown
from chat.wire.characters import is_visible

MAX_SPANS = 500  # besides names; a text with more is shown as it was typed


def find(text: str) -> list[Span]:
    """Return the spans of a clean text, in their order."""
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
