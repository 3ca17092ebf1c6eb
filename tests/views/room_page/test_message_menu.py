"""The menu of a message, by mouse, keyboard and long press, and what it offers."""

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import connected, field, message
from tests.support.message_menu import (
    LINES,
    context,
    edit_last,
    item,
    menu,
    open_menu_by_keyboard,
    tools,
)
from tests.support.reflow import problems, set_text_size
from tests.support.scripted_changes import ScriptedChanges
from tests.support.scripted_rooms import a_summary
from tests.support.scripted_socket import a_line

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SIX = ["thumbs up", "heart", "laughing", "surprised", "sad", "party"]


def offered(page):
    return menu(page).locator(".menu-item:visible").all_inner_texts()


def test_one_set_of_buttons_stands_at_the_message_under_the_pointer(page, socket):
    expect(tools(page)).to_be_hidden()
    message(page, "hello from bob").hover()
    expect(item(page, "hello from bob").locator("[data-tools]")).to_be_visible()
    message(page, "my first").hover()
    expect(item(page, "my first").locator("[data-tools]")).to_be_visible()
    expect(page.locator("[data-tools]")).to_have_count(1)
    page.mouse.move(5, 5)
    expect(tools(page)).to_be_hidden()


def test_the_menu_offers_what_may_be_done_with_a_message(page, socket):
    message(page, "hello from bob").hover()
    tools(page).get_by_role("button", name="More").click()
    expect(menu(page)).to_be_visible()
    assert offered(page) == ["Reply", "Copy the text", "Copy the link", "Report…"]
    for name in SIX:
        expect(menu(page).get_by_role("button", name=name)).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu(page)).to_have_count(0)
    open_menu_by_keyboard(page, "my first")
    assert offered(page) == ["Reply", "Edit", "Copy the text", "Copy the link", "Remove…"]


def test_moderators_may_remove_the_messages_of_others(page):
    socket = ScriptedChanges(page, LINES)
    connected(page)
    socket.send("room", change="changed", room=a_summary(1, moderate=["purge"]))
    socket.send("lines", lines=[a_line(4, "later")])
    expect(message(page, "later")).to_be_visible()
    socket.welcome["rooms"] = [a_summary(1, moderate=["purge"])]
    page.reload()
    connected(page)
    open_menu_by_keyboard(page, "hello from bob")
    offers = ["Reply", "Copy the text", "Copy the link", "Report…", "Remove…"]
    assert offered(page) == [*offers, "Remove messages…"]


def test_the_menu_is_used_by_keyboard_alone(page, socket):
    item(page, "my first").focus()
    page.keyboard.press("Tab")
    expect(tools(page).get_by_role("button", name="Reply")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(item(page, "my first")).to_be_focused()
    page.keyboard.press("Enter")
    expect(menu(page).get_by_role("button", name="thumbs up")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(menu(page).get_by_role("button", name="Remove")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(menu(page).get_by_role("button", name="thumbs up")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu(page)).to_have_count(0)
    expect(item(page, "my first")).to_be_focused()


def test_a_long_press_opens_the_menu_on_a_phone(person):
    page, _ = person(**PHONE)
    ScriptedChanges(page, LINES)
    connected(page)
    devtools = page.context.new_cdp_session(page)
    box = message(page, "my first").bounding_box()
    point = {"x": box["x"] + 20, "y": box["y"] + 8}

    def touch(event, *points):
        devtools.send("Input.dispatchTouchEvent", {"type": event, "touchPoints": list(points)})

    touch("touchStart", point)
    expect(menu(page)).to_be_visible()
    touch("touchEnd")
    assert "Edit" in offered(page)
    box = menu(page).bounding_box()
    assert box["width"] == 390
    assert box["y"] + box["height"] >= 843
    heights = (
        menu(page)
        .locator("button:visible")
        .evaluate_all("nodes => nodes.map(node => node.getBoundingClientRect().height)")
    )
    assert min(heights) >= 44
    menu(page).get_by_role("button", name="Reply").tap()
    expect(context(page)).to_contain_text("Replying to me")


def test_a_press_that_becomes_a_scroll_opens_nothing(person):
    page, _ = person(**PHONE)
    page.clock.install()
    ScriptedChanges(page, LINES)
    connected(page)
    # Both events come at one moment, because the clock also runs by itself.
    press = """(node, to) => {
        const options = { bubbles: true, pointerType: "touch", clientX: 50 };
        for (const [type, clientY] of [["pointerdown", 100], ["pointermove", to]]) {
            node.dispatchEvent(new PointerEvent(type, { ...options, clientY }));
        }
    }"""
    text = message(page, "my first")
    text.evaluate(press, 130)
    page.clock.run_for(2_000)
    expect(menu(page)).to_have_count(0)
    text.evaluate(press, 104)
    page.clock.run_for(2_000)
    expect(menu(page)).to_be_visible()


@pytest.mark.parametrize("way", ["menu", "time"])
def test_the_link_of_a_message_is_copied(person, server, way):
    page, _ = person(permissions=["clipboard-read", "clipboard-write"])
    ScriptedChanges(page, LINES)
    connected(page)
    if way == "menu":
        open_menu_by_keyboard(page, "hello from bob")
        menu(page).get_by_role("button", name="Copy the link").click()
    else:
        item(page, "hello from bob").locator("time").click()
    expect(page.locator("[data-flash]")).to_have_text("The link to the message is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.url}/r/lobby/1/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier_in_any_state(person, scheme):
    page, _ = person(color_scheme=scheme)
    lines = [*LINES]
    lines[0] = {**lines[0], "reactions": {"👍": ["me", "ann"]}, "edited": LINES[0]["at"]}
    lines[1] = {**lines[1], "of": 1, "quote": {"name": "bob", "text": "hello from bob"}}
    ScriptedChanges(page, lines)
    connected(page)
    edit_last(page)
    message(page, "hello from bob").hover()
    expect(tools(page)).to_be_visible()
    assert_accessible(page)
    page.locator(".reaction").hover()
    assert_accessible(page)
    open_menu_by_keyboard(page, "my first")
    assert_accessible(page)
    menu(page).get_by_role("button", name="Other reactions").click()
    expect(page.locator(".emoji-grid .emoji").first).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(menu(page)).to_have_count(0)
    open_menu_by_keyboard(page, "my first")
    menu(page).get_by_role("button", name="Remove").click()
    expect(page.get_by_role("dialog", name="Remove this message?")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize(("width", "height", "percent"), [(390, 844, 200), (320, 256, 100)])
def test_large_text_and_small_windows_show_all_of_it(person, width, height, percent):
    page, _ = person(viewport={"width": width, "height": height}, reduced_motion="reduce")
    set_text_size(page, percent)
    long = "a long beginning of a message " * 3
    quote = {"name": "a-name-of-thirty-characters-ab", "text": long}
    reactions = {emoji: ["me", "bob"] for emoji in ("👍", "❤️", "😂", "😮", "😢", "🎉")}
    line = a_line(1, "an answer", name="me", of=1, quote=quote, reactions=reactions)
    ScriptedChanges(page, [line])
    connected(page)
    field(page).press("ArrowUp")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    assert problems(page) == []
