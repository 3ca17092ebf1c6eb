"""The keyboard focus: it moves on when the element that had it disappears."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, message, say
from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome

pytestmark = pytest.mark.scripted


@pytest.mark.parametrize(("button", "sending"), [("Discard", 0), ("Try again", 1)])
def test_the_focus_moves_to_the_log_when_the_pressed_button_disappears(page, button, sending):
    def refuse(frame):
        return {"type": "error", "code": "empty", "text": "", "client_id": frame["client_id"]}

    socket = ScriptedSocket(page, a_welcome(), say=refuse)
    connected(page)
    say(page, "one")
    expect(page.locator("[data-state=refused]")).to_have_count(1)
    socket.answers.clear()
    page.get_by_role("button", name=button).click()
    expect(page.locator("[data-state=sending]")).to_have_count(sending)
    expect(page.locator("[data-log]")).to_be_focused()


def test_the_focus_moves_to_the_log_when_the_newest_messages_are_shown(page):
    ScriptedSocket(page, a_welcome([a_line(seq, f"number {seq}") for seq in range(1, 51)]))
    expect(message(page, "number 50")).to_be_visible()
    page.locator("[data-log]").evaluate("log => { log.scrollTop = 0 }")
    page.get_by_role("button", name="Newest messages").click()
    expect(page.locator("[data-log]")).to_be_focused()


@pytest.mark.parametrize(
    ("code", "role", "name"),
    [(4403, "button", "Rejoin"), (4409, "button", "Rejoin"), (4401, "link", "Sign in")],
)
def test_the_focus_moves_to_the_banner_when_the_connection_ends(page, code, role, name):
    socket = ScriptedSocket(page, a_welcome())
    connected(page)
    page.get_by_label("Message", exact=True).fill("an unfinished sentence")
    socket.close(code)
    expect(page.get_by_role(role, name=name)).to_be_focused()


def test_typing_after_the_newest_messages_were_shown_goes_into_the_composer(page):
    ScriptedSocket(page, a_welcome([a_line(seq, f"number {seq}") for seq in range(1, 51)]))
    expect(message(page, "number 50")).to_be_visible()
    page.locator("[data-log]").evaluate("log => { log.scrollTop = 0 }")
    page.get_by_role("button", name="Newest messages").click()
    page.keyboard.type("hello there")
    expect(page.get_by_label("Message", exact=True)).to_have_value("hello there")


def test_keys_that_scroll_the_log_stay_with_it(page):
    ScriptedSocket(page, a_welcome())
    connected(page)
    for key in ("Space", "PageUp", "Home", "ArrowDown", "Control+a", "Alt+f"):
        page.locator("[data-log]").focus()
        page.keyboard.press(key)
        expect(page.locator("[data-log]")).to_be_focused()
    expect(page.get_by_label("Message", exact=True)).to_have_value("")


def test_typing_on_a_button_stays_with_the_button(page):
    ScriptedSocket(page, a_welcome())
    connected(page)
    page.locator("[data-people-toggle]").focus()
    page.keyboard.press("x")
    expect(page.get_by_label("Message", exact=True)).to_have_value("")
