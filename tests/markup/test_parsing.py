"""Formatting: which parts of a text get it, and which stay as they are."""

import pytest

from chat.markup import inline, marks
from chat.markup.parsing import parse
from chat.markup.spans import ESCAPE, shown


def formatted(text):
    """Return the parts of a text that have a format, as (kind, part, value?)."""
    return [
        (span.kind, text[span.start : span.end], *([span.value] if span.value else []))
        for span in parse(text).spans
        if span.kind != ESCAPE
    ]


def visible(text):
    return shown(text, parse(text).spans)


# Marks


@pytest.mark.parametrize(
    ("text", "parts", "rest"),
    [
        ("*a*", [("italic", "a")], "a"),
        ("**a b**", [("bold", "a b")], "a b"),
        ("~~a~~", [("strike", "a")], "a"),
        ("`a`", [("code", "a")], "a"),
        ("x **a *b* c** y", [("bold", "a *b* c"), ("italic", "b")], "x a b c y"),
        ("***a***", [("italic", "**a**"), ("bold", "a")], "a"),
        ("*~~a~~*", [("italic", "~~a~~"), ("strike", "a")], "a"),
        ("a~~b~~c", [("strike", "b")], "abc"),
        ("(*a*), *b*!", [("italic", "a"), ("italic", "b")], "(a), b!"),
        ("*a\nb*", [("italic", "a\nb")], "a\nb"),
        ("これは**重要**です", [("bold", "重要")], "これは重要です"),
        ("🙂*a*🙂", [("italic", "a")], "🙂a🙂"),
        ("`` ` ``", [("code", "`")], "`"),
        ("` a `", [("code", "a")], "a"),
        ("`a*b*`", [("code", "a*b*")], "a*b*"),
        ("`a` `b`", [("code", "a"), ("code", "b")], "a b"),
        ("```a\nb```", [("code", "a\nb")], "a\nb"),
    ],
)
def test_marks_format_what_stands_between_them(text, parts, rest):
    assert formatted(text) == parts
    assert visible(text) == rest


@pytest.mark.parametrize(
    "text",
    [
        "2*3*4 and 2 * 3 * 4",
        "f**k and ****",
        "5*(a+b)*c",
        "a_b_c and _a_ and __a__",
        "*a *",
        "~a~ and ~~~a~~~",
        "`a",
        "``a`",
        "a ** b ** c",
        "# a",
        "## a\n===",
        "a | b\n--|--",
        "![a](b) <b>a</b> &amp; [a]: b",
        "+ a",
        "- - -\n***\n---",
        "-a\n1.a\n2020.",
        ">a >.<",
        ">>> print",
        "    four spaces",
        "~~~\na\n~~~",
        "```",
        "```\n```",
        "```\nnever closed",
        "```what is this\n",
        "¯\\_(ツ)_/¯ C:\\new\\-x a\\.b",
        "a / b: c @ d # e",
    ],
)
def test_nothing_else_is_special(text):
    assert parse(text).spans == ()


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("\\*a\\*", "*a*"),
        ("\\`a\\`", "`a`"),
        ("\\~~a~~", "~~a~~"),
        ("\\\\", "\\"),
        ("\\> a", "> a"),
        ("\\- a", "- a"),
        ("1\\. a\n 2\\) b", "1. a\n 2) b"),
        ("\\/me waves", "/me waves"),
        ("\\@ann \\#garden", "@ann #garden"),
    ],
)
def test_a_backslash_escapes(text, rest):
    assert formatted(text) == []
    assert visible(text) == rest
    assert parse(text).people == ()
    assert parse(text).rooms == ()


# Blocks


@pytest.mark.parametrize(
    ("text", "parts", "rest"),
    [
        ("> a", [("quote", "a")], "a"),
        ("> a\n> b\nanswer", [("quote", "a\n> b\n")], "a\nb\nanswer"),
        ("> a\n>\n> b", [("quote", "a\n>\n> b")], "a\n\nb"),
        ("> > a\n> b", [("quote", "a\n> b"), ("quote", "a\n")], "a\nb"),
        ("> *a\n> b*", [("quote", "*a\n> b*"), ("italic", "a\n> b")], "a\nb"),
        ("hello\n> a", [("quote", "a")], "hello\na"),
        ("- a\n- b", [("item", "a\n"), ("item", "b")], "a\nb"),
        ("* a", [("item", "a")], "a"),
        ("1. a\n2) b", [("item", "a\n", "1"), ("item", "b", "2")], "a\nb"),
        ("2020. was good", [("item", "was good", "2020")], "was good"),
        ("- a\n  - b\n- c", [("item", "a\n  - b\n"), ("item", "b\n"), ("item", "c")], "a\nb\nc"),
        ("- a\n\n- b\n\nc", [("item", "a\n\n"), ("item", "b\n")], "a\n\nb\n\nc"),
        ("- a\n  more\nb", [("item", "a\n  more\n")], "a\nmore\nb"),
        ("> ```\n> a\n```", [("quote", "```\n> a\n")], "```\na\n```"),
        ("to do:\n- a", [("item", "a")], "to do:\na"),
        ("> - a\n>   b", [("quote", "a\n>   b"), ("item", "a\n>   b")], "a\nb"),
        ("- > a\n  > b", [("item", "a\n  > b"), ("quote", "a\n  > b")], "a\nb"),
        ("- a\n-\n- b\n-", [("item", "a\n"), ("item", "b\n")], "a\n-\nb\n-"),
    ],
)
def test_quotes_and_lists_end_with_their_lines(text, parts, rest):
    assert formatted(text) == parts
    assert visible(text) == rest


@pytest.mark.parametrize(
    ("text", "parts", "rest"),
    [
        ("```\na\n```", [("block", "a\n")], "a\n"),
        ("```py\n  a\n\n  *b*\n```\nc", [("block", "  a\n\n  *b*\n", "py")], "  a\n\n  *b*\nc"),
        ("x\n```\na\n```  \n", [("block", "a\n")], "x\na\n"),
        ("````\n```\n````", [("block", "```\n")], "```\n"),
        (
            "- x\n  ```\n  a\n    b\n  ```\n- y",
            [
                ("item", "x\n  ```\n  a\n    b\n  ```\n"),
                ("block", "a\n    b\n"),
                ("item", "y"),
            ],
            "x\na\n  b\ny",
        ),
        ("> ```\n> a\n> ```", [("quote", "a\n> ```"), ("block", "a\n")], "a\n"),
        (
            "```\n> *a*\n- https://a.b\n```",
            [("block", "> *a*\n- https://a.b\n")],
            "> *a*\n- https://a.b\n",
        ),
    ],
)
def test_fenced_code_stays_as_it_is(text, parts, rest):
    assert formatted(text) == parts
    assert visible(text) == rest


def test_what_is_nested_too_deeply_is_shown_as_it_was_typed():
    assert formatted("> " * 11 + "a") == [("quote", "a")] * 11
    assert parse("> " * 12 + "a").spans == ()
    assert formatted("- a\n  - b\n    - c\n      - d\n        - e")[-1] == ("item", "e")
    assert parse("- " * 2000 + "a").spans == ()


@pytest.mark.parametrize("text", ["> ```\n> ```", "`\u200b`", "**\u2060**", "- \u00ad"])
def test_no_message_becomes_one_that_shows_nothing(text):
    assert visible(text) == text


# Links, names


def test_links_are_found_where_no_code_is():
    text = "*https://example.org/a*b* `https://example.org` **http://b.example/**"
    assert formatted(text) == [
        ("italic", "https://example.org/a*b"),
        ("link", "https://example.org/a*b"),
        ("code", "https://example.org"),
        ("bold", "http://b.example/"),
        ("link", "http://b.example/"),
    ]


def test_a_link_tells_its_host_if_it_looks_like_another_one():
    assert formatted("see https://bank.example@evil.example/x") == [
        ("link", "https://bank.example@evil.example/x", "evil.example")
    ]


def test_signs_of_people_and_rooms_are_found_where_no_code_and_no_link_is():
    text = "@ann `@bob` https://a.b/@carol **@dave** #garden `#x` https://a.b/#c #The-Shed"
    markup = parse(text)
    assert [text[sign.start : sign.names[0].end] for sign in markup.people] == ["@ann", "@dave"]
    assert [(text[start:end], slug) for start, end, slug in markup.rooms] == [
        ("#garden", "garden"),
        ("#The-Shed", "the-shed"),
    ]


@pytest.mark.parametrize("text", ["a#b", "#", "##a", "#a#b", "&#39;", "#-a", "#ä", "#" + "a" * 33])
def test_other_signs_name_no_room(text):
    assert parse(text).rooms == ()


# Cost


def test_a_text_without_marks_is_recognised_without_parsing(monkeypatch):
    monkeypatch.setattr(marks, "find", None)  # a call would fail
    for text in ("hello", "well - that is it.", "2 - 1 = 1: yes", "a ~ b", "", "a\nb > c"):
        assert parse(text).encoded() is None
    with pytest.raises(TypeError):
        parse("*a*")


def test_a_text_with_too_many_marks_keeps_its_links():
    text = "https://bank.example@evil.example " + "*a* " * 900
    assert formatted(text) == [("link", "https://bank.example@evil.example", "evil.example")]
    many = "http://a.b/ " * 300
    assert len(formatted(many)) == inline.MAX_LINKS
