"""Formatted messages on the room page: what people wrote becomes text, never markup."""

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import connected, message
from tests.support.formatted import a_formatted_line
from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome

pytestmark = pytest.mark.scripted

FORMATTED = [
    ("**a** *b* ~~c~~ `d`", "<strong>a</strong> <em>b</em> <s>c</s> <code>d</code>"),
    ("> a\n> b\nc", "<blockquote>a\nb\n</blockquote>c"),
    ("- a\n  1. b", '<ul><li>a\n<ol start="1"><li value="1">b</li></ol></li></ul>'),
    ("\\*a\\* 2*3*4", "*a* 2*3*4"),
    (
        "see https://a.b/*c*",
        'see <a href="https://a.b/*c" target="_blank" rel="noopener noreferrer nofollow">'
        "https://a.b/*c</a>*",
    ),
    ("@ann #garden", '<bdi class="name">@ann</bdi> <a class="name" href="/r/garden/">#garden</a>'),
    ("/me *waves*", '<bdi class="actor">bob</bdi> <em>waves</em>'),
    ("**<img src=x onerror=alert(1)>**", "<strong>&lt;img src=x onerror=alert(1)&gt;</strong>"),
]
LONG_CODE = "x = 1  # " + "long " * 60


@pytest.fixture
def shown(page):
    """A function that shows lines on the page, and returns it."""

    def show(*lines):
        ScriptedSocket(page, a_welcome(list(lines)))
        connected(page)
        expect(page.locator("[data-lines] .message")).to_have_count(len(lines))
        return page

    return show


def test_formatting_becomes_elements(shown):
    lines = [a_formatted_line(seq, text) for seq, (text, _) in enumerate(FORMATTED, 1)]
    page = shown(*lines)
    found = page.locator("[data-lines] [data-part=text]").evaluate_all(
        "texts => texts.map((text) => text.innerHTML)"
    )
    expected = [html for _, html in FORMATTED]
    assert found == expected


def test_spans_of_a_server_make_no_link_of_another_scheme(shown):
    text = "javascript:alert(1)"
    page = shown(a_line(1, text, spans=[[0, len(text), "link"]]))
    expect(message(page, text)).to_be_visible()
    expect(page.locator("[data-part=text] a")).to_have_count(0)


def test_a_link_that_looks_like_another_one_tells_its_host(shown):
    page = shown(a_formatted_line(1, "https://bank.example@evil.example/"))
    link = page.get_by_role("link", name="https://bank.example@evil.example/")
    assert "evil.example" in link.evaluate("link => getComputedStyle(link, '::after').content")


def test_long_code_scrolls_in_its_block_and_is_copied(person):
    page, _ = person(permissions=["clipboard-read"])
    ScriptedSocket(page, a_welcome([a_formatted_line(1, f"```\n{LONG_CODE}\n\n  y\n```")]))
    connected(page)
    code = page.locator("[data-lines] pre")
    assert code.evaluate("code => code.scrollWidth > code.clientWidth")
    log = page.locator("[data-log]")
    assert log.evaluate("log => log.scrollWidth === log.clientWidth")
    code.focus()
    before = code.evaluate("code => code.scrollLeft")
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('pre').scrollLeft > before", arg=before
    )
    button = page.get_by_role("button", name="Copy")
    button.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{LONG_CODE}\n\n  y"


def test_a_message_to_the_user_is_marked_by_what_the_server_has_found(shown):
    page = shown(a_formatted_line(1, "hi @me"), a_formatted_line(2, "code `@me`"))
    expect(page.locator("[data-mentioned=true]")).to_have_count(1)
    expect(page.locator("mark")).to_have_text(["@me"])


def test_an_action_never_looks_like_a_notice(shown):
    page = shown(
        a_formatted_line(1, "hello"),
        a_formatted_line(2, "/me entered"),
        a_formatted_line(3, "\\/me entered"),
    )
    action = page.locator(".message").nth(1)
    expect(action).to_have_attribute("data-emote", "true")
    expect(action.locator("[data-part=name]")).to_be_visible()
    expect(page.locator("[data-emote=true]")).to_have_count(1)
    expect(page.locator(".presence, .notice")).to_have_count(0)


def test_a_removed_message_shows_no_formatting(shown, page):
    shown(a_formatted_line(1, "/me **waves**", removed=True))
    expect(message(page, "This message was removed")).to_be_visible()
    expect(page.locator("[data-lines] :is(strong, .actor)")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("layout", ["compact", "roomy"])
def test_axe_finds_no_barrier_in_formatted_messages(person, scheme, layout):
    page, _ = person(color_scheme=scheme)
    texts = [
        *(text for text, _ in FORMATTED),
        f"```\n{LONG_CODE}\n```",
        "> **a** [b](https://a.b/) `c`",
        "https://bank.example@evil.example/ @me @ann",
    ]
    lines = [
        a_formatted_line(seq, text, name="me" if seq % 3 == 0 else "bob")
        for seq, text in enumerate(texts, 1)
    ]
    ScriptedSocket(page, a_welcome(lines))
    connected(page)
    page.evaluate("layout => { document.documentElement.dataset.layout = layout }", layout)
    expect(page.locator("[data-lines] .message")).to_have_count(len(lines))
    assert_accessible(page)
