"""The messages of a room page, their menus, and the composer that edits one of them."""

from playwright.sync_api import expect

from tests.support.browser import field
from tests.support.scripted_socket import a_line

LINES = [
    a_line(1, "hello from bob"),
    a_line(2, "my first", name="me"),
    a_line(3, "my second", name="me"),
]


def item(page, text):
    """Return the element of a message."""
    return page.locator("[data-lines] > li", has_text=text)


def tools(page):
    return page.get_by_role("group", name="This message")


def menu(page):
    return page.locator("dialog.popup")


def context(page):
    return page.locator("[data-context]")


def edit_last(page):
    """Press the key that edits the last own message, and wait until its text is there."""
    field(page).press("ArrowUp")
    expect(context(page)).to_be_visible()


def open_menu_by_keyboard(page, text):
    item(page, text).focus()
    page.keyboard.press("Enter")
    expect(menu(page)).to_be_visible()
