"""Pasting into the composer: formatted text becomes markup, and code may become a block."""

import pytest
from playwright.sync_api import expect

COPY = """([html, plain]) => navigator.clipboard.write([new ClipboardItem({
    ...(html && { "text/html": new Blob([html], { type: "text/html" }) }),
    "text/plain": new Blob([plain], { type: "text/plain" }),
})])"""
PASTE = """(field, html) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/html", html);
    clipboardData.setData("text/plain", "plain");
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
}"""
CODE = "def f(x):\n    return x * 2"
BLOCK = f"```\n{CODE}\n```"


@pytest.fixture
def paste(person):
    """A function that pastes a text into the composer of a page, and returns the field."""
    page, _ = person(permissions=["clipboard-read", "clipboard-write"])
    field = page.get_by_label("Message", exact=True)

    def paste(plain, html=""):
        page.evaluate(COPY, [html, plain])
        field.focus()
        page.keyboard.press("Control+V")
        return field

    paste.page = page
    return paste


@pytest.mark.parametrize(
    ("html", "markup"),
    [
        ("<b>a</b> <i>b</i> <s>c</s> <code>d</code>", "**a** *b* ~~c~~ `d`"),
        ("x<strong> a </strong>y", "x **a** y"),
        ("<p>a<p><em>b</em>", "a\n\n*b*"),
        ("<ul><li>a<ul><li>b</ul><li><b>c</b></ul>", "- a\n  - b\n- **c**"),
        ('<ol start="3"><li>a<li>b</ol>', "3. a\n4. b"),
        ("<blockquote><p>a<p>b</blockquote>c", "> a\n>\n> b\nc"),
        ("<pre>x = 1\n  y</pre>", "```\nx = 1\n  y\n```"),
        ("<h2>a</h2>b", "**a**\n\nb"),
        ('<a href="https://a.b/">c</a> <a href="/x">d</a>', "c (https://a.b/) d"),
        ('<a href="https://a.b/">https://a.b/</a>', "https://a.b/"),
        ('<a href="javascript:alert(1)">a</a>', "a"),
        ('<span style="font-weight:700">a</span><b style="font-weight:normal"> b</b>', "**a** b"),
        ("<b>2*3*4 *x* a_b `c` \\*</b>", "**2*3*4 \\*x\\* a_b \\`c\\` \\\\\\***"),
        ("<i>a<br>b</i><script>alert(1)</script><style>p{}</style>", "*a*\n*b*"),
        ('<b>a</b><img src=x onerror="document.title=1" alt="(x)">', "**a**(x)"),
    ],
)
def test_formatted_text_becomes_markup(page, html, markup):
    field = page.get_by_label("Message", exact=True)
    field.evaluate(PASTE, html)  # browsers change what the clipboard gets
    expect(field).to_have_value(markup)
    assert page.title() != "1"


def test_formatted_text_of_the_clipboard_becomes_markup_and_can_be_undone(paste):
    field = paste("a b", "<b>a</b> <i>b</i>")
    expect(field).to_have_value("**a** *b*")
    paste.page.keyboard.press("Control+Z")
    expect(field).to_have_value("")


def test_what_was_pasted_and_made_a_block_can_be_undone(paste):
    field = paste(CODE)
    expect(field).to_have_value(CODE)
    paste.page.get_by_role("button", name="Make it a block of code").click()
    expect(field).to_have_value(BLOCK)
    expect(field).to_be_focused()
    assert field.evaluate("field => field.selectionStart") == len(BLOCK)
    for _ in range(2):  # one for each end of the block
        paste.page.keyboard.press("Control+Z")
    expect(field).to_have_value(CODE)
    paste.page.keyboard.press("Control+Z")
    expect(field).to_have_value("")


def test_a_block_stands_in_lines_of_its_own(paste):
    page = paste.page
    field = page.get_by_label("Message", exact=True)
    field.fill("see , and say")
    field.evaluate("field => field.setSelectionRange(4, 4)")
    paste(CODE)
    page.get_by_role("button", name="Make it a block of code").click()
    expect(field).to_have_value(f"see \n{BLOCK}\n, and say")


def test_the_offer_goes_when_the_code_changes_or_is_sent(paste):
    offer = paste.page.get_by_role("button", name="Make it a block of code")
    paste(CODE)
    expect(offer).to_be_visible()
    paste.page.keyboard.press("Backspace")
    expect(offer).to_have_count(0)
    paste.page.get_by_label("Message", exact=True).fill("")
    paste(CODE)
    expect(offer).to_be_visible()
    paste.page.keyboard.press("Enter")
    expect(offer).to_have_count(0)


def test_other_text_is_pasted_as_it_is(paste):
    field = paste("Dear all,\nhow are you?", '<span style="color:red">Dear all</span>')
    expect(field).to_have_value("Dear all,\nhow are you?")
    paste("\n```\n")
    expect(field).to_have_value("Dear all,\nhow are you?\n```\n")
    paste(CODE)
    expect(field).to_have_value(f"Dear all,\nhow are you?\n```\n{CODE}")
    expect(paste.page.get_by_role("button", name="Make it a block")).to_have_count(0)


def test_a_name_that_was_completed_can_be_undone(paste):
    page = paste.page
    field = page.get_by_label("Message", exact=True)
    field.press_sequentially("hi #lob")
    option = page.get_by_role("option", name="#lobby")
    expect(option).to_be_visible()
    page.keyboard.press("Enter")
    expect(field).to_have_value("hi #lobby ")
    page.keyboard.press("Control+Z")
    expect(field).to_have_value("hi #lob")


def test_the_field_grows_to_twenty_lines_and_then_scrolls(person):
    page, _ = person(viewport={"width": 900, "height": 1400})
    field = page.get_by_label("Message", exact=True)

    def fits(count):
        field.fill("\n".join(map(str, range(count))))
        return field.evaluate("field => field.scrollHeight <= field.clientHeight + 1")

    assert fits(20)
    assert not fits(21)
