"""Texts of every kind, also hostile ones: their parsing takes little time, and spans fit."""

import itertools
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.markup.marks import MAX_SPANS
from chat.markup.nodes import leaves, tree
from chat.markup.parsing import parse
from chat.markup.spans import ESCAPE, decode, encode, in_order
from chat.wire.commands import MAX_TEXT, MAX_TEXT_LINES, clean

HOSTILE = [
    *string.punctuation,
    *(
        "* ",
        "*a ",
        "a* ",
        "*a* ",
        "**a** ",
        "*~~",
        "~~a",
        "`a",
        "`a` ",
        "``a`",
        "\\*",
        "@a ",
        "#a ",
    ),
    *(
        "a*b",
        "**a*",
        "`*",
        "> ",
        "- ",
        "1. ",
        "@李",
        "http://a.b/ ",
        "https://",
        "http://аррӏе.com/ ",
    ),
    *(
        "> " * 20 + "\n",
        "- " * 20 + "\n",
        "- a\n  - b\n",
        "> a\nb\n",
        "```\na\n",
        "```\n",
        "1. a\n",
    ),
    *("> - > - a\n", "   \t" * 10 + "- a\n", "*a\n", "`a\n", "🙂*", "\u0301*", "http://a.b/🙂"),
]


@pytest.mark.parametrize("part", HOSTILE, ids=ascii)
def test_no_text_costs_much_time_or_space(part):
    text = clean("\n".join((part * MAX_TEXT)[:MAX_TEXT].split("\n")[:MAX_TEXT_LINES]))
    assert len(parse(text).spans) <= MAX_SPANS  # fills caches as well
    # A few milliseconds on an idle machine. On a busy one a single measurement may be wrong.
    assert min(seconds_of(parse, text) for _ in range(3)) < 0.1


def seconds_of(call, *arguments):
    """Return the processor time of a call."""
    begin = time.thread_time()
    call(*arguments)
    return time.thread_time() - begin


# Properties


TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            [*"*~`\\>#@-1. \n\ta🙂李é", "**", "~~", "```", "\n> ", "\n- ", "\n1. ", "  "]
        ),
        st.sampled_from(["https://a.b/c", "@ann", "#garden", "/me ", "```py\n", "word", "\u202b"]),
        st.text(max_size=3),
    ),
    max_size=60,
).map(lambda parts: clean("".join(parts)))


@given(TEXTS)
def test_spans_lie_in_the_text_and_nest(text):
    markup = parse(text)
    open_ends = [len(text)]
    before = 0
    for start, end, _, _ in markup.spans:
        assert before <= start < end <= len(text)
        while len(open_ends) > 1 and open_ends[-1] <= start:
            open_ends.pop()
        assert end <= open_ends[-1]
        open_ends.append(end)
        before = start


@given(TEXTS)
def test_what_is_shown_and_the_marks_are_the_text(text):
    markup = parse(text)
    hidden = sorted((span.start, span.end) for span in markup.spans if span.kind == ESCAPE)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(hidden))
    pieces = leaves(tree(text, markup.encoded()))
    for start, end in hidden:  # put the marks back where they were
        pieces = pieces[:start] + text[start:end] + pieces[start:]
    assert pieces == text


@given(TEXTS)
def test_kept_spans_count_as_browsers_do_and_come_back_as_they_were(text):
    spans = list(parse(text).spans)
    kept = encode(text, spans)
    units = text.encode("utf-16-le")
    for (start, length, *_), span in zip(kept, spans, strict=True):
        part = units[2 * start : 2 * (start + length)].decode("utf-16-le")
        assert part == text[span.start : span.end]
    assert decode(text, kept) == spans


PLACES = st.lists(
    st.tuples(st.integers(-3, 40), st.integers(-3, 40), st.sampled_from(["bold", "x"])), max_size=8
)


@given(TEXTS, PLACES)
def test_kept_spans_that_do_not_fit_are_left_out(text, places):
    kept = [[start, length, kind] for start, length, kind in places]
    found = decode(text, kept)
    assert found == in_order(found)
    assert all(0 <= span.start <= span.end <= len(text) and span.kind == "bold" for span in found)
