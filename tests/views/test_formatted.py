"""Formatted messages on pages without scripts: every text is escaped, and marks are not shown."""

import pytest
from django.utils import timezone

from chat.markup.parsing import parse
from chat.markup.spans import MENTION, ROOM, Span
from chat.models import Line
from chat.views.formatted import formatted_html, plain_text

pytestmark = pytest.mark.same_on_every_database


def line(text, *names):
    spans = parse(text).encoded([Span(*name) for name in names])
    return Line(kind="said", name="ann", at=timezone.now(), text=text, spans=spans)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("hello", "hello"),
        ("**a** *b* ~~c~~ `d`", "<strong>a</strong> <em>b</em> <s>c</s> <code>d</code>"),
        ("\\*a\\*", "*a*"),
        ("/me *waves*", '<em><bdi class="actor">ann</bdi> <em>waves</em></em>'),
    ],
)
def test_marks_become_elements(text, html):
    assert formatted_html(line(text)) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("> a\n> b\nc", "<blockquote>a\nb\n</blockquote>c"),
        ("- a\n- b", "<ul><li>a\n</li><li>b</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li value="3">a\n</li><li value="4">b</li></ol>'),
        ("- a\n\n> b", "<ul><li>a\n</li></ul><blockquote>b</blockquote>"),
        ("```\na <b>\n```", '<pre tabindex="0"><code dir="ltr">a &lt;b&gt;</code></pre>'),
    ],
)
def test_blocks_become_elements(text, html):
    assert formatted_html(line(text)) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "**<script>alert(1)</script>**",
        "`<img src=x onerror=alert(1)>`",
        "> <svg/onload=alert(1)>",
        "- \"'><script>",
        '```"><script>\nx\n```',
        "/me <script>",
    ],
)
def test_no_text_becomes_an_element(text):
    html = str(formatted_html(line(text)))
    for tag in ("<script", "<img", "<svg"):
        assert tag not in html


def test_links_have_no_access_to_this_page_and_tell_their_host():
    assert formatted_html(line('https://a.b/?x="y&z')) == (
        '<a href="https://a.b/?x=" rel="noopener noreferrer nofollow">https://a.b/?x=</a>'
        "&quot;y&amp;z"
    )
    html = formatted_html(line("https://bank.example@evil.example/"))
    assert ' data-host="evil.example">' in html


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "//example.org"])
def test_a_span_makes_no_link_of_another_scheme(text):
    said = line("x")._replace(text=text, spans=[[0, len(text), "link"]])
    assert formatted_html(said) == text


def test_people_and_rooms_are_named():
    said = line("@bob #garden", (0, 4, MENTION, "bob"), (5, 12, ROOM, "garden"))
    room = '<a class="name" href="/r/garden/">#garden</a>'
    assert formatted_html(said) == f'<bdi class="name">@bob</bdi> {room}'
    assert formatted_html(said, "bob") == f'<mark class="name">@bob</mark> {room}'


def test_plain_text_has_no_marks():
    assert plain_text(line("> **a** `b`\nc")) == "a b\nc"
    assert plain_text(line("/me *waves*")) == "ann waves"
