"""The list of rooms beside the log, and the drawer that it is on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, message
from tests.support.room_list import SOME_ROOMS, go, room_link, rooms_of
from tests.support.scripted_rooms import ScriptedRooms, a_summary
from tests.support.scripted_socket import a_line, until

pytestmark = pytest.mark.scripted

PHONE = {"width": 390, "height": 844}


def test_rooms_are_listed_by_kind_with_what_is_unread(page):
    ScriptedRooms(page, SOME_ROOMS)
    names = page.locator("[data-sidebar] [data-part=name]")
    expect(names).to_have_text(["Lobby", "Attic", "Garden", "Board", "bob"])
    counts = page.locator("[data-sidebar] .room-count:visible")
    expect(counts).to_have_text(["1", "2"])
    weight = "node => getComputedStyle(node).fontWeight"
    assert [link.evaluate(weight) for link in rooms_of(page).all()] == [
        *("400", "400", "700", "400", "700")
    ]
    expect(room_link(page, "Garden 1 for you")).to_have_count(1)
    expect(room_link(page, "Lobby")).to_have_attribute("aria-current", "page")
    for name, path in (("Browse rooms", "/rooms/"), ("Create a room", "/rooms/new/")):
        expect(room_link(page, name)).to_have_attribute("href", path)


def test_rooms_that_are_joined_and_left_elsewhere_appear_and_disappear(page, server):
    socket = ScriptedRooms(page, SOME_ROOMS)
    socket.send("room", change="joined", room=a_summary(9, name="Cellar"))
    expect(room_link(page, "Cellar")).to_be_visible()
    go(page, "Cellar")
    expect(message(page, "number 2")).to_be_visible()
    socket.send("room", change="left", room={"id": 9, "slug": "room-9"})
    expect(room_link(page, "Cellar")).to_have_count(0)
    expect(page.get_by_role("heading", name="Lobby")).to_be_visible()
    expect(page).to_have_url(f"{server.url}/r/lobby/")
    expect(page.get_by_text("You are not in Cellar any more")).to_be_visible()


def test_many_rooms_scroll_in_their_list_and_move_nothing_else(page):
    ScriptedRooms(page, [a_summary(number, unread=1, last=1) for number in range(2, 60)])
    expect(rooms_of(page)).to_have_count(59)
    overflow = "element => element.scrollHeight - element.clientHeight"
    assert page.locator(".sidebar-scroller").evaluate(overflow) > 0
    assert page.locator("[data-sidebar]").evaluate(overflow) == 0


def test_the_name_of_a_room_begins_at_the_same_edge_in_every_script(page):
    ScriptedRooms(page, [a_summary(2, name="عربي"), a_summary(3, name="Garden")])
    names = page.locator("[data-sidebar] [data-part=name]")
    expect(names).to_have_count(3)
    edges = names.evaluate_all(
        """all => all.map(name => {
            const text = document.createRange();
            text.selectNodeContents(name);
            return Math.round(text.getBoundingClientRect().left);
        })"""
    )
    assert len(set(edges)) == 1


def test_a_favourite_room_is_above_the_others(page):
    socket = ScriptedRooms(page, SOME_ROOMS)
    go(page, "Board")
    page.get_by_text("Menu of this room").click(force=True)
    choice = page.get_by_role("checkbox", name="Keep among my favourites")
    choice.check()
    until(page, lambda: len(socket.fields_of("favourite")) == 1)
    ((room, fields),) = socket.fields_of("favourite")
    assert fields == {"on": True}
    board = next(summary for summary in SOME_ROOMS if summary["id"] == room)
    favourite = {**board, "favourite": True}
    socket.send("room", change="changed", answer="favourite", room=favourite)
    names = page.locator("[data-sidebar] [data-part=name]")
    expect(names).to_have_text(["Board", "Lobby", "Attic", "Garden", "bob"])
    socket.send("room", change="changed", room={**board, "favourite": False})  # on another device
    expect(names).to_have_text(["Lobby", "Attic", "Garden", "Board", "bob"])
    expect(choice).not_to_be_checked()
    socket.send("room", change="changed", room={**board, "role": None})
    expect(choice).to_be_hidden()


def test_a_choice_stays_as_it_was_made_until_the_server_answers(page):
    socket = ScriptedRooms(page, SOME_ROOMS)
    go(page, "Board")
    expect(message(page, "number 2")).to_be_visible()
    page.get_by_text("Menu of this room").click(force=True)
    choice = page.get_by_role("checkbox", name="Keep among my favourites")
    choice.click()
    socket.say(3, a_line(3, "meanwhile"))
    expect(message(page, "meanwhile")).to_be_visible()
    expect(choice).to_be_checked()
    socket.send("error", code="not_allowed", text="No.", room=3, answer="favourite")
    expect(choice).not_to_be_checked()


@pytest.mark.parametrize("close", ["back", "button", "Escape", "backdrop"])
def test_on_a_phone_the_rooms_are_a_drawer(person, close):
    page, _ = person(viewport=PHONE)
    ScriptedRooms(page, SOME_ROOMS)
    drawer = page.get_by_role("dialog", name="Rooms")
    button = page.get_by_role("button", name="Rooms")
    expect(button).to_have_accessible_name("Rooms 3 for you")
    expect(rooms_of(page).first).to_be_hidden()
    button.click()
    expect(drawer).to_be_visible()
    if close == "back":
        page.go_back()
    elif close == "button":
        drawer.get_by_role("button", name="Back").click()
    elif close == "Escape":
        page.keyboard.press("Escape")
    else:
        page.mouse.click(380, 400)
    expect(drawer).to_be_hidden()
    expect(button).to_be_focused()


def test_a_room_that_is_chosen_in_the_drawer_closes_it_and_back_leads_to_the_room_before(
    person, server
):
    page, _ = person(viewport=PHONE, has_touch=True, is_mobile=True)
    ScriptedRooms(page, SOME_ROOMS)
    before = page.url
    page.get_by_role("button", name="Rooms").click()
    go(page, "Board")
    expect(page.get_by_role("dialog", name="Rooms")).to_be_hidden()
    expect(page).to_have_url(f"{server.url}/r/room-3/")
    expect(message(page, "number 2")).to_be_visible()
    expect(page.locator("[data-log]")).to_be_focused()  # the composer would open a keyboard
    page.go_back()
    expect(page).to_have_url(before)
    expect(page.get_by_role("heading", name="Lobby")).to_be_visible()
    expect(page.get_by_role("dialog", name="Rooms")).to_be_hidden()


def test_a_link_to_a_room_can_be_opened_in_a_new_tab(page):
    ScriptedRooms(page, SOME_ROOMS)
    with page.context.expect_page() as opened:
        room_link(page, "Board").click(modifiers=["Control"])
    expect(opened.value).to_have_url(re.compile("/r/room-3/$"))
    expect(page.get_by_role("heading", name="Lobby")).to_be_visible()


def test_the_room_of_a_long_list_that_is_shown_is_scrolled_into_view(page):
    socket = ScriptedRooms(page, [a_summary(n, name=f"Room {n}") for n in range(2, 60)])
    connected(page)
    page.keyboard.press("Alt+ArrowUp")
    until(page, lambda: socket.fields_of("open"))
    link = page.locator("[data-sidebar]").get_by_role("link", name="Room 59")
    expect(link).to_be_in_viewport(ratio=0.9)
