"""The blocks of a text: quotes, lists and fenced code, as rules for markdown-it.

They differ from CommonMark where a chat differs from a document: a quote and an item end with their
lines, so that an answer below a quote is not part of it; `>` needs a space after it; and a fence
must be closed, with one word after it at most, because what stands there is hidden.

A leaf of the blocks is a paragraph or fenced code. Its token has its lines as `Lines` in `meta`.
"""

import re
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, list_block

MAX_NESTING = 12  # a quote counts as one level, a list as two
BLANKS = " \t"
TAB = 4  # columns

QUOTE = re.compile(r">(?=[ \t]|$)")
# A line of nothing but marks, such as `* * *`, is no item.
ITEM = re.compile(r"(?:[-*]|\d{1,9}[.)])[ \t]+(?![-*+ \t]*$)")
FENCE = re.compile(r"(`{3,})[ \t]*([\w+#.-]{0,30})[ \t]*")

PARAGRAPH, FENCED = "inline", "fence"


class Lines(NamedTuple):
    """The lines of a leaf: the first one, and where the content of each begins and ends."""

    first: int
    places: list[tuple[int, int]]
    language: str = ""


def use(parser: MarkdownIt) -> None:
    """Let a parser find these blocks, and no others."""
    ruler = parser.block.ruler
    ends = ["paragraph", "blockquote", "list"]
    ruler.at("fence", _fence, {"alt": ends})
    ruler.at("blockquote", _quote, {"alt": ends})
    ruler.at("list", _list, {"alt": ["paragraph", "blockquote"]})
    ruler.at("paragraph", _paragraph)
    ruler.enableOnly(["fence", "blockquote", "list", "paragraph"])
    parser.options["maxNesting"] = MAX_NESTING


def _quote(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    if not _begins(state, first, QUOTE) or not _text(state, first).strip("> \t"):
        return False
    if silent:
        return True
    last = first
    while last < end and _begins(state, last, QUOTE):
        last += 1
    saved = state.lineMax, state.blkIndent, state.parentType
    columns = state.bMarks, state.tShift, state.sCount, state.bsCount
    kept = [column[first:last] for column in columns]
    for line in range(first, last):
        _skip_mark(state, line)
    state.lineMax, state.blkIndent, state.parentType = last, 0, "blockquote"
    state.push("blockquote_open", "blockquote", 1).map = [first, last]
    state.md.block.tokenize(state, first, last)
    state.push("blockquote_close", "blockquote", -1)
    for column, values in zip(columns, kept, strict=True):
        column[first:last] = values
    state.lineMax, state.blkIndent, state.parentType = saved
    state.line = last
    return True


def _skip_mark(state, line):
    """Let a line of a quote begin after its mark, and one blank."""
    start = state.bMarks[line] + state.tShift[line] + 1
    end = state.eMarks[line]
    state.bMarks[line] = start = min(start + 1, end)
    columns = 0
    while start < end and state.src[start] in BLANKS:
        columns += TAB - columns % TAB if state.src[start] == "\t" else 1
        start += 1
    state.tShift[line] = start - state.bMarks[line]
    state.sCount[line] = columns
    state.bsCount[line] = 0


def _list(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    return _begins(state, first, ITEM) and list_block(state, first, end, silent)


def _fence(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    opening = FENCE.fullmatch(state.src, *_place(state, first))
    if opening is None:
        return False
    last = _end_of_fence(state, first + 1, end, len(opening[1]))
    if last is None or all(state.isEmpty(line) for line in range(first + 1, last)):
        return False
    if silent:
        return True
    places = [(_indented(state, line), state.eMarks[line]) for line in range(first + 1, last)]
    state.line = last + 1
    token = state.push(FENCED, "code", 0)
    token.map = [first, state.line]
    token.meta = {"lines": Lines(first + 1, places, opening[2])}
    return True


def _end_of_fence(state, line, end, length):
    """Return the line that closes a fence of some backticks, or None."""
    while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
        text = _text(state, line).rstrip(BLANKS)
        if len(text) >= length and not text.strip("`"):
            return line
        line += 1
    return None


def _paragraph(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    rules = state.md.block.ruler.getRules("paragraph")
    before, state.parentType = state.parentType, "paragraph"
    last = first + 1
    while (
        last < state.lineMax
        and not state.isEmpty(last)
        and state.sCount[last] >= state.blkIndent
        and not any(rule(state, last, state.lineMax, True) for rule in rules)
    ):
        last += 1
    state.parentType = before
    state.line = last
    places = [_place(state, first)]
    places += [(_indented(state, line), state.eMarks[line]) for line in range(first + 1, last)]
    token = state.push(PARAGRAPH, "", 0)
    token.map = [first, last]
    token.content = "\n".join(state.src[start:end] for start, end in places)
    token.meta = {"lines": Lines(first, places)}
    return True


def _begins(state, line, pattern):
    start, end = _place(state, line)
    return (
        state.sCount[line] >= state.blkIndent and pattern.match(state.src, start, end) is not None
    )


def _text(state, line):
    start, end = _place(state, line)
    return state.src[start:end]


def _place(state, line):
    """Return where the text of a line begins, after blanks, and ends."""
    return state.bMarks[line] + state.tShift[line], state.eMarks[line]


def _indented(state, line):
    """Return where the text of a further line begins: after the indentation of its block."""
    place, columns = state.bMarks[line], 0
    while columns < state.blkIndent and state.src[place : place + 1] in (" ", "\t"):
        columns += TAB - columns % TAB if state.src[place] == "\t" else 1
        place += 1
    return place
