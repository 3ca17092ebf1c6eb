"""The marks within a paragraph, as rules for markdown-it.

The rules record where the marks stand, instead of making tokens. `*` does nothing between two
letters or digits, so that `2*3*4` stays as it is; scripts that are written without spaces are an
exception.
"""

import re
import unicodedata
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

from chat.markup import links
from chat.markup.spans import BOLD, CODE, ESCAPE, ITALIC, LINK, STRIKE, Span

# A text with more of them is shown as it was typed, so that no text costs much time or space.
MAX_STOPS = 600
MAX_LINKS = 100

# The places at which a rule may do something.
STOP = re.compile(r"[*`]|~~|\\(?=[\\*~`@#>/.)+-])|://")
RUN_OF_BACKTICKS = re.compile("`+")
# Marks of blocks are escaped where they would be marks: `1\.` and `\-` at the beginning of a line.
ANYWHERE, AT_BEGIN, AFTER_NUMBER = "\\*~`@#", ">/+-", ".)"
NUMBER = re.compile(r"(?:^|\n)[ \t]*\d{1,9}$")

SPACE, WORD, UNSPACED, OTHER = "space", "word", "unspaced", "other"


class TooManyMarks(Exception):
    """A text has more marks than are looked at."""


class Found(NamedTuple):
    """The marks and links that the rules have found in a paragraph, in its characters."""

    spans: list[Span]
    links: dict[int, tuple[int, int]]  # by the place of `://`
    backticks: dict[int, list[int]]  # the places of runs, by their length, the last one first


def use(parser: MarkdownIt) -> None:
    """Let a parser find these marks, and no others."""
    parser.inline.terminator_re = STOP
    parser.inline.ruler.at("escape", _mark)
    parser.inline.ruler.enableOnly(["text", "escape"])
    parser.inline.ruler2.at("emphasis", _pairs)
    parser.inline.ruler2.enableOnly(["balance_pairs", "emphasis"])


class Reader:
    """Reads the paragraphs of one text."""

    def __init__(self, parser: MarkdownIt) -> None:
        self._parser = parser
        self._stops = 0
        self._links = 0

    def read(self, content: str) -> list[Span]:
        """Return the spans of a paragraph. Raises `TooManyMarks`."""
        found_links = links.find(content, MAX_LINKS - self._links + 1)
        self._links += len(found_links)
        if self._links > MAX_LINKS:
            raise TooManyMarks
        by_stop = {content.index(":", start): (start, end) for start, end in found_links}
        runs: dict[int, list[int]] = {}
        for run in reversed(list(RUN_OF_BACKTICKS.finditer(content))):
            runs.setdefault(len(run[0]), []).append(run.start())
        found = Found([], by_stop, runs)
        self._parser.inline.parse(content, self._parser, {"found": found, "reader": self}, [])
        return found.spans

    def count(self) -> None:
        self._stops += 1
        if self._stops > MAX_STOPS:
            raise TooManyMarks


def _mark(state: StateInline, silent: bool) -> bool:
    """Read the mark at a stop of the parser."""
    state.env["reader"].count()
    return RULES[state.src[state.pos]](state, state.env["found"])


def _link(state, found):
    if state.pos not in found.links:
        return False
    start, end = found.links[state.pos]
    found.spans.append(link(state.src, start, end))
    state.pos = end
    return True


def link(text: str, start: int, end: int) -> Span:
    """Return the span of a link. Its value is the host, if it looks like another one."""
    return Span(start, end, LINK, links.true_host(text[start:end]))


def _escape(state, found):
    place = state.pos
    following = state.src[place + 1]
    before = state.src[:place]
    if not (
        following in ANYWHERE
        or (following in AT_BEGIN and not before.rpartition("\n")[2].strip())
        or (following in AFTER_NUMBER and NUMBER.search(before))
    ):
        return False
    found.spans.append(Span(place, place + 1, ESCAPE))
    state.pos += 2
    return True


def _code(state, found):
    start = RUN_OF_BACKTICKS.match(state.src, state.pos).end()
    length = start - state.pos
    places = found.backticks.get(length, [])  # an escaped one makes a run shorter
    while places and places[-1] < start:
        places.pop()
    if not places:
        state.pos = start
        return True
    end = places.pop()
    content = state.src[start:end]
    space = int(content[0] == content[-1] == " " and content.strip(" ") != "")
    found.spans.extend(_formatted(CODE, state.pos, start + space, end - space, end + length))
    state.pos = end + length
    return True


def _delimiters(state, found):
    """Note a run of `*` or `~`. Longer runs than `***` and `~~` are no marks."""
    start = state.pos
    marker = state.src[start]
    end = start
    while state.src[end : end + 1] == marker:
        end += 1
    state.pos = end
    length = end - start
    if length > 3 or (marker == "~" and length != 2):
        return True
    opens, closes = _directions(state.src, start, end, may_split_word=marker == "~")
    steps = range(start, end) if marker == "*" else [start]
    state.delimiters += [
        Delimiter(ord(marker), length if marker == "*" else 0, place, -1, opens, closes)
        for place in steps
    ]
    return True


RULES = {":": _link, "\\": _escape, "`": _code, "*": _delimiters, "~": _delimiters}


def _directions(text, start, end, *, may_split_word):
    """Return whether a run of marks can open formatting, and whether it can close it.

    Source: CommonMark 0.31, "Emphasis and strong emphasis", with the rules for words of `_`. A
    letter of a script without spaces counts as the beginning or the end of a word.
    """
    before = _class(text[start - 1]) if start else SPACE
    after = _class(text[end]) if end < len(text) else SPACE
    opens = after != SPACE and (after != OTHER or before != WORD)
    closes = before != SPACE and (before != OTHER or after != WORD)
    if may_split_word or not (opens and closes):
        return opens, closes
    return before != WORD, after != WORD


def _class(character):
    if character.isspace():
        return SPACE
    category = unicodedata.category(character)
    if category == "Lo":
        return UNSPACED
    return WORD if category[0] in "LNM" else OTHER


def _pairs(state: StateInline) -> None:
    """Turn the pairs of marks that markdown-it has found into spans."""
    spans = state.env["found"].spans
    delimiters = state.delimiters
    index = len(delimiters) - 1
    while index >= 0:
        opening = delimiters[index]
        if opening.end >= 0:
            start, end = opening.token, delimiters[opening.end].token
            if opening.marker == ord("~"):
                spans += _formatted(STRIKE, start, start + 2, end, end + 2)
            elif _is_double(delimiters, index):
                spans += _formatted(BOLD, start - 1, start + 1, end, end + 2)
                index -= 1
            else:
                spans += _formatted(ITALIC, start, start + 1, end, end + 1)
        index -= 1


def _formatted(kind, start, inner_start, inner_end, end):
    return [
        Span(start, inner_start, ESCAPE),
        Span(inner_start, inner_end, kind),
        Span(inner_end, end, ESCAPE),
    ]


def _is_double(delimiters, index):
    """Return whether the mark before this one belongs to it, as in `**bold**`."""
    if index == 0:
        return False
    opening, outer = delimiters[index], delimiters[index - 1]
    return (
        outer.end == opening.end + 1
        and outer.marker == opening.marker
        and outer.token == opening.token - 1
        and delimiters[outer.end].token == delimiters[opening.end].token + 1
    )
