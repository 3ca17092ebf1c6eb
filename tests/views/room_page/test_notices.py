"""Notifications of the desktop: asked for by a choice, shown once, and only where one is away."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, open_menu
from tests.support.notices import (
    choose,
    hide,
    notices,
    stub_notices,
    until_no_tab_is_visible,
    wait_for_notices,
)
from tests.support.scripted_rooms import ScriptedRooms, a_summary
from tests.support.scripted_socket import a_line, until

pytestmark = pytest.mark.scripted

ROOMS = [
    a_summary(2, name="Garden", level="mentions"),
    a_summary(3, name="", kind="direct", people=["bob"]),
    a_summary(4, name="Attic", level="nothing"),
]


@pytest.fixture
def page(page):
    stub_notices(page)
    return page


@pytest.fixture
def socket(page):
    socket = ScriptedRooms(page, ROOMS)
    connected(page)
    return socket


def active(socket, room, text, last):
    line = a_line(last, text, name="bob")
    socket.send("activity", room=room, last=last, unread=1, mentions=0, line=line)


def test_nothing_is_asked_before_it_is_chosen_and_a_refusal_is_explained(page, socket):
    assert page.evaluate("window.asked") == 0
    page.evaluate("window.answer = 'denied'")
    choose(page, "Show notifications")
    expect(page.locator("[data-flash]")).to_contain_text("does not allow notifications")
    open_menu(page)
    expect(page.get_by_role("checkbox", name="Show notifications")).not_to_be_checked()
    assert page.evaluate("window.asked") == 1


def test_a_hidden_page_tells_of_mentions_and_direct_messages_by_the_level_of_the_room(page, socket):
    choose(page, "Show notifications")
    hide(page)
    until_no_tab_is_visible(page)
    active(socket, 2, "nothing for you", 1)
    active(socket, 4, "hello @me", 1)
    active(socket, 3, "a direct one", 1)
    wait_for_notices(page, 1)
    active(socket, 2, "hello @me", 2)
    wait_for_notices(page, 2)
    assert notices(page) == [["bob", "a direct one"], ["bob in Garden", "hello @me"]]
    page.evaluate("window.lastNotice.onclick()")
    expect(page.locator("h1[data-title]")).to_have_text("Garden")


def test_a_visible_page_and_one_that_is_not_to_be_disturbed_tell_nothing(page, socket):
    choose(page, "Show notifications")
    active(socket, 3, "seen in the list", 1)
    expect(page.locator("[data-sidebar] .room-count:visible")).to_have_text(["1"])
    choose(page, "Do not disturb")
    hide(page)
    active(socket, 3, "while busy", 2)
    hide(page, False)
    choose(page, "Do not disturb")
    hide(page)
    until_no_tab_is_visible(page)
    active(socket, 3, "at last", 3)
    wait_for_notices(page, 1)
    assert notices(page) == [["bob", "at last"]]


def test_three_tabs_show_one_notification(page, socket):
    choose(page, "Show notifications")
    tabs = [(page, socket)]
    for _ in range(2):
        tab = page.context.new_page()
        stub_notices(tab)
        tab.goto(page.url)
        tabs.append((tab, ScriptedRooms(tab, ROOMS)))
        connected(tab)
    for tab, _ in tabs:
        hide(tab)
    until_no_tab_is_visible(page)
    for _, one in tabs:
        active(one, 3, "hello", 1)
    wait_for_notices(page, 1)
    for _, one in tabs:
        active(one, 3, "again", 2)
    wait_for_notices(page, 2)
    until(page, lambda: [len(notices(tab)) for tab, _ in tabs] == [2, 0, 0])


def test_a_tab_that_is_visible_silences_the_others(page, socket):
    choose(page, "Show notifications")
    tab = page.context.new_page()
    stub_notices(tab)
    tab.goto(page.url)
    ScriptedRooms(tab, ROOMS)
    connected(tab)
    tab.wait_for_function(
        "async () => (await navigator.locks.query()).held.length >= 3"
    )  # the notices, and two visible tabs
    hide(page)
    active(socket, 3, "seen in the other tab", 1)
    expect(page.locator("[data-sidebar] .room-count:visible")).to_have_text(["1"])
    page.evaluate("navigator.locks.query().then(() => 0)")  # answered after that of the page
    assert notices(page) == []
    hide(tab)
    until_no_tab_is_visible(tab)
    active(socket, 3, "hello", 2)
    wait_for_notices(page, 1)
    assert notices(page) == [["bob", "hello"]]
