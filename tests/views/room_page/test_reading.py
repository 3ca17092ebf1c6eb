"""Reading messages: their times, copying them, long texts, and texts that leave their box."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, message
from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome

pytestmark = pytest.mark.scripted

GROUP = [
    a_line(1, "hello", name="ann", at="2026-05-05T12:00:10Z"),
    a_line(2, "two\nlines", name="ann", at="2026-05-05T12:01:10Z"),
    a_line(3, kind="entered", name="carol", at="2026-05-05T12:01:20Z"),
    a_line(4, "hi ann", name="bob", at="2026-05-05T12:02:10Z"),
]
TOWER = "\u0301\u0323\u0338\u0489" * 100  # 400 marks for one letter


def shown(page, lines):
    ScriptedSocket(page, a_welcome(lines))
    connected(page)
    return page.locator("[data-lines] .message")


def select(page, first, last, *, to=None):
    """Select from the start of one message to the end of another, or to a number of characters."""
    page.evaluate(
        """([first, last, to]) => {
            const messages = document.querySelectorAll("[data-lines] .message");
            const text = messages[last].querySelector("[data-part=text]");
            const range = document.createRange();
            range.setStart(messages[first], 0);
            if (to === null) range.setEndAfter(text);
            else range.setEnd(text.firstChild, to);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }""",
        [first, last, to],
    )


def copied(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("Control+c")
    return page.evaluate("navigator.clipboard.readText()")


@pytest.fixture
def page(person):
    return person(timezone_id="Europe/Berlin", locale="en-GB")[0]


def test_every_message_shows_its_time_under_the_mouse_and_with_the_focus(page):
    messages = shown(page, GROUP)
    first, second = messages.nth(0).locator("time"), messages.nth(1).locator("time")
    expect(first).to_be_visible()
    expect(second).to_have_text("14:01")
    page.mouse.move(0, 0)
    expect(second).to_have_css("opacity", "0")
    messages.nth(1).hover()
    expect(second).to_have_css("opacity", "1")
    box, item = second.bounding_box(), messages.nth(1).bounding_box()
    assert item["x"] <= box["x"] < box["x"] + box["width"] <= item["x"] + item["width"]
    assert abs(box["y"] - item["y"]) < 24

    page.mouse.move(0, 0)
    messages.nth(1).click()
    page.mouse.move(0, 0)
    expect(second).to_have_css("opacity", "1")


def test_the_tab_key_leads_to_one_message_and_the_arrow_keys_to_the_others(page):
    messages = shown(page, GROUP)
    stops = page.locator("[data-lines] [tabindex='0']")
    expect(stops).to_have_count(1)
    page.locator("[data-log]").focus()
    page.keyboard.press("Tab")
    expect(messages.nth(2)).to_be_focused()
    page.keyboard.press("ArrowUp")  # over the line of somebody who entered
    expect(messages.nth(1)).to_be_focused()
    expect(messages.nth(1).locator("time")).to_have_css("opacity", "1")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(messages.nth(0)).to_be_focused()
    expect(stops).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(messages.nth(1)).to_be_focused()


def test_screen_readers_get_the_name_and_the_time_of_every_message(page):
    messages = shown(page, GROUP)
    expect(messages.nth(1)).to_match_aria_snapshot(
        """
        - listitem:
          - paragraph:
            - text: ann
            - link "14:01":
              - time: 14:01
          - text: two lines
        """
    )


def test_a_copied_conversation_has_names_times_and_texts(page):
    shown(page, GROUP)
    select(page, 0, 2)
    assert copied(page) == (
        "ann 14:00\nhello\n\nann 14:01\ntwo\nlines\n\ncarol entered\n\nbob 14:02\nhi ann"
    )
    select(page, 0, 1, to=3)
    assert copied(page) == "ann 14:00\nhello\n\nann 14:01\ntwo"


def test_a_part_of_one_text_is_copied_as_it_is(page):
    shown(page, GROUP)
    message(page, "hi ann").evaluate(
        """(text) => {
            getSelection().setBaseAndExtent(text.firstChild, 3, text.firstChild, 6);
        }"""
    )
    assert copied(page) == "ann"


def test_nothing_else_of_a_message_is_selected_with_it(page):
    """A browser may copy without the page's help, for example by dragging."""
    shown(page, [a_line(1, "hello", name="zoe")])
    page.locator("[data-log]").evaluate("log => getSelection().selectAllChildren(log)")
    lines = page.evaluate("String(getSelection())").split("\n")
    assert [line for line in lines if line.strip() in ("Z", "ZO", "Zo", "zo")] == []
    assert not {"Show all", "Show less"} & set(lines)


def test_a_message_of_more_than_twenty_lines_is_folded(page):
    lines = [
        a_line(1, "\n".join(f"short {n}" for n in range(20))),
        a_line(2, "\n".join(f"long {n}" for n in range(60)), name="ann"),
        a_line(3, "the end", name="carol"),
    ]
    messages = shown(page, lines)
    height = "text => text.clientHeight"
    texts = page.locator("[data-lines] [data-part=text]")
    show_all = page.get_by_role("button", name="Show all")
    expect(show_all).to_have_count(1)
    assert texts.nth(1).evaluate(height) <= texts.nth(0).evaluate(height)
    expect(message(page, "the end")).to_be_in_viewport()
    top = show_all.bounding_box()["y"] - texts.nth(1).bounding_box()["height"]

    show_all.click()
    expect(show_all).to_have_count(0)
    expect(messages.nth(1)).to_be_focused()
    assert texts.nth(1).evaluate(height) > 2 * texts.nth(0).evaluate(height)
    # Two frames later the reader has not been thrown to the end.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert abs(texts.nth(1).bounding_box()["y"] - top) <= 2
    assert "long 59" in texts.nth(1).inner_text()


def test_a_message_that_was_unfolded_can_be_folded_again(page):
    long = "\n".join(f"long {n}" for n in range(60))
    messages = shown(page, [a_line(1, "short"), a_line(2, long), a_line(3, "end", name="zoe")])
    buttons = messages.nth(1).locator(".fold:visible")
    expect(buttons).to_have_text(["Show all"])
    height = messages.nth(1).bounding_box()["height"]
    buttons.click()
    expect(buttons).to_have_text(["Show less"])
    buttons.click()
    expect(buttons).to_have_text(["Show all"])
    assert messages.nth(1).bounding_box()["height"] == height
    expect(messages.nth(1)).to_be_focused()
    head = messages.nth(1).locator("[data-part=text]").bounding_box()["y"]
    assert 0 < head < page.viewport_size["height"] - 100


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("own", [False, True], ids=["others", "own"])
def test_no_text_or_name_leaves_its_box(person, own, width):
    page, _ = person(viewport={"width": width, "height": 640})
    name = "me" if own else "w" * 64
    texts = [
        f"a{TOWER}b",
        f"{TOWER}",
        "w" * 4_000,
        "\ufdfd" * 50,
        "\u00a0" * 500 + "x",
        "\t" * 200 + "x",
        "https://example.com/" + "a" * 1_500,
        "ܐ" * 500,
    ]
    lines = [a_line(seq, text, name=name) for seq, text in enumerate(texts, 1)]
    lines += [a_line(20 + n, kind="entered", name=f"w{n}" * 20) for n in range(2)]
    lines += [
        a_line(30, "n" * 1_000, kind="notice", name="staff"),
        a_line(31, "x", name=f"a{TOWER[:63]}", guest=True),
        a_line(32, "y", name=f"a{TOWER[:63]}", guest=True),
    ]
    shown(page, lines)
    expect(message(page, "y").last).to_be_visible()
    assert message(page, f"a{TOWER}b").text_content() == f"a{TOWER}b"
    wide = page.locator("[data-log]").evaluate(
        """(log) => {
            const right = log.getBoundingClientRect().right;
            const boxes = [...log.querySelectorAll("li, li *")].filter(
                (one) => one.getBoundingClientRect().right > right + 1);
            return [log.scrollWidth - log.clientWidth, boxes.length];
        }"""
    )
    assert wide == [0, 0]
    clipped = """node => ["hidden", "clip"].includes(getComputedStyle(node).overflowY)"""
    for part in ("[data-part=text]", ".presence", ".notice", ".message-head"):
        assert page.locator(f"[data-lines] {part}").last.evaluate(clipped), part


def test_the_end_stays_in_view_when_the_text_grows_before_a_scroll_is_told(page):
    shown(page, [a_line(seq, f"line {seq}") for seq in range(1, 60)])
    expect(message(page, "line 59")).to_be_in_viewport()
    # The browser tells of the scroll in the next frame, when the text has grown already. In the
    # frames after it, the elements take their new sizes one after the other.
    page.evaluate(
        """async () => {
            document.querySelector("[data-log]").scrollTop -= 1;
            document.documentElement.style.fontSize = "200%";
            for (let frame = 0; frame < 20; frame++) await new Promise(requestAnimationFrame);
        }"""
    )
    expect(page.locator("[data-newest]")).to_be_hidden()
    expect(message(page, "line 59")).to_be_in_viewport(ratio=1)


def test_the_end_stays_in_view_while_several_lines_are_written(page):
    shown(page, [a_line(seq, f"line {seq}") for seq in range(1, 60)])
    field = page.get_by_label("Message", exact=True)
    field.fill("four\nlines\nof\ntext")
    expect(message(page, "line 59")).to_be_in_viewport(ratio=1)
    field.press_sequentially(" more")
    expect(field).to_have_value("four\nlines\nof\ntext more")
    expect(message(page, "line 59")).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-newest]")).to_be_hidden()
