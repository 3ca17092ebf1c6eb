"""The spans of blocks, from markdown-it's tokens.

A span covers what the block contains, and whole lines from there on. The marks before it, and
before the content of each further line, are spans of their own, which are not shown.
"""

from itertools import accumulate

from markdown_it.token import Token

from chat.markup.blocks import FENCED, PARAGRAPH, Lines
from chat.markup.spans import BLOCK, ESCAPE, ITEM, QUOTE, Span

OPENING = {"blockquote_open": QUOTE, "list_item_open": ITEM}
CLOSING = {"blockquote_close", "list_item_close"}
LISTS = {"bullet_list_open", "ordered_list_open"}
LIST_ENDS = {"bullet_list_close", "ordered_list_close"}


class _Container:
    """A quote or an item that the walk is in. `place` is that of its span in the list of spans."""

    def __init__(self, token: Token, place: int) -> None:
        self.kind = OPENING[token.type]
        self.value = token.info or None
        self.lines = token.map
        self.place = place
        self.start: int | None = None  # where its content begins
        self.end_line = 0  # the line after its last one


class BlockSpans:
    """Walks through the tokens of a text, and collects the spans of its blocks."""

    def __init__(self, text: str) -> None:
        self._text = text
        lengths = (len(line) + 1 for line in text.split("\n"))
        self._starts = [0, *accumulate(lengths)]  # of lines
        self._starts[-1] = len(text)
        self._spans: list[Span | None] = []
        self._open: list[_Container] = []
        self._last_items: list[_Container | None] = []  # of the lists that the walk is in
        self._hidden: dict[int, Span] = {}  # the marks at the beginning of lines

    def collect(self, tokens: list[Token]) -> list[Span]:
        for token in tokens:
            if token.type in OPENING:
                self._begin(token)
            elif token.type in CLOSING:
                self._end()
            elif token.type in LISTS:
                self._last_items.append(None)
            elif token.type in LIST_ENDS:
                self._last_items.pop()
            elif token.type in (PARAGRAPH, FENCED):
                self._add_leaf(token)
        return [span for span in self._spans if span is not None] + list(self._hidden.values())

    def _begin(self, token):
        container = _Container(token, len(self._spans))
        if container.kind == ITEM:
            self._lengthen_last_item(container)
            self._last_items[-1] = container
        self._spans.append(None)
        self._open.append(container)

    def _lengthen_last_item(self, following):
        """Let an item have the blank lines before the following one."""
        last = self._last_items[-1]
        if last is not None and (span := self._spans[last.place]) is not None:
            self._spans[last.place] = span._replace(end=self._starts[following.lines[0]])

    def _end(self):
        container = self._open.pop()
        if container.start is None:  # nested too deeply
            return
        if container.kind == QUOTE:
            self._hide_empty_lines(container)
            container.end_line = container.lines[1]
        for outer in self._open:
            outer.end_line = max(outer.end_line, container.end_line)
        end = self._starts[container.end_line]
        self._spans[container.place] = Span(container.start, end, container.kind, container.value)

    def _hide_empty_lines(self, quote):
        """Hide the marks of lines in a quote that have nothing else."""
        for line in range(*quote.lines):
            start, end = self._starts[line], self._starts[line + 1]
            marks = self._text[start:end].rstrip("\n")
            if line not in self._hidden and ">" in marks and not marks.strip("> \t"):
                self._hide(line, start + len(marks))

    def _add_leaf(self, token):
        lines: Lines = token.meta["lines"]
        start = lines.places[0][0]
        for container in self._open:
            if container.start is None:
                container.start = start
            container.end_line = token.map[1]
        if self._open or token.type == FENCED:
            for line, (place, _) in enumerate(lines.places, lines.first):
                self._hide(line, place)
        if token.type == FENCED:
            self._add_block(token, lines)

    def _add_block(self, token, lines):
        after = lines.first + len(lines.places)
        start, end = lines.places[0][0], self._starts[after]
        self._spans.append(Span(start, end, BLOCK, lines.language or None))
        for line in {token.map[0], *range(after, token.map[1])}:
            self._hide(line, self._starts[line + 1])

    def _hide(self, line, end):
        if end > self._starts[line]:
            self._hidden[line] = Span(self._starts[line], end, ESCAPE)
