"""Whole visits of several rooms: created, shared, read on two devices, and found again."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import PASSWORD, connected, message, new_name, say
from tests.support.notices import (
    choose,
    hide,
    notices,
    stub_notices,
    until_no_tab_is_visible,
    wait_for_notices,
)
from tests.support.telnet import Telnet

PHONE = {"width": 390, "height": 844}


def sidebar(page):
    return page.locator("[data-sidebar]")


def room_link(page, name):
    return sidebar(page).get_by_role("link", name=re.compile(f"^{re.escape(name)}"))


def heading(page):
    return page.locator("h1[data-title]")


def create_room(page, name, access=None):
    """Create a room through the form, and wait until its page is connected."""
    sidebar(page).get_by_role("link", name="Create a room").click()
    page.get_by_label("Name").fill(name)
    if access:
        page.get_by_label(access).check()
    page.get_by_role("button", name="Create the room").click()
    expect(heading(page)).to_have_text(name)
    connected(page)
    return name


@pytest.fixture
def second_browser(browser, server):
    """A function that signs somebody in with another browser, as on another device."""
    contexts = []

    def sign_in(name):
        context = browser.new_context()
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{server.url}/accounts/login/")
        page.fill("[name=username]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button")
        connected(page)
        return page

    yield sign_in
    for context in contexts:
        context.close()


def test_a_private_room_is_created_and_somebody_invited_and_both_talk(alice, bob):
    (a, alice), (b, bob) = alice, bob
    room = create_room(a, new_name("board"), "Private")
    expect(sidebar(a).get_by_role("heading", name="Private rooms")).to_be_visible()
    say(a, f"/invite {bob}")
    expect(a.locator("[data-lines] .presence").last).to_have_text(f"{alice} invited {bob}")

    room_link(b, room).click()
    expect(heading(b)).to_have_text(room)
    say(a, "welcome to the board")
    expect(message(b, "welcome to the board")).to_be_visible()
    say(b, "thank you")
    expect(message(a, "thank you")).to_be_visible()
    expect(a.locator("[data-people-list] .person-name")).to_have_text([alice, bob])

    say(b, "/leave")
    expect(heading(b)).to_have_text("Lobby")
    expect(room_link(b, room)).to_have_count(0)
    expect(a.locator("[data-lines] .presence").last).to_have_text(f"{bob} left")
    expect(a.locator("[data-people-list] .person-name")).to_have_text([alice])


def test_an_open_room_is_joined_by_a_command_or_by_writing_there(server, alice, bob, person):
    (a, _), (b, bob), (c, carol) = alice, bob, person("carol")
    room = create_room(a, new_name("garden"))
    say(b, f"/join {room}")
    expect(heading(b)).to_have_text(room)
    expect(a.locator("[data-lines] .presence").last).to_have_text(f"{bob} joined")
    c.goto(a.url)
    connected(c)
    expect(c.get_by_text("You are not a member of this room")).to_be_visible()
    say(c, "may I?")
    expect(message(a, "may I?")).to_be_visible()
    expect(c.get_by_text("You are not a member of this room")).to_be_hidden()
    expect(a.locator("[data-lines] .presence").last).to_have_text(f"{carol} joined")
    expect(room_link(c, room)).to_be_visible()


def test_a_direct_message_reaches_somebody_in_another_room(alice, bob):
    (a, alice), (b, bob) = alice, bob
    say(a, f"/msg {bob} psst, are you there?")
    expect(heading(a)).to_have_text(bob)
    expect(message(a, "psst")).to_be_visible()
    expect(sidebar(b).get_by_role("heading", name="Direct messages")).to_be_visible()
    expect(b).to_have_title("(1) Lobby · Chatsite")

    room_link(b, alice).click()
    expect(message(b, "psst, are you there?")).to_be_visible()
    expect(b).to_have_title(f"{alice} · Chatsite")
    say(b, "yes")
    expect(message(a, "yes")).to_be_visible()


def test_what_is_read_on_one_device_is_read_on_the_other(server, alice, bob, second_browser):
    (a, _), (b, bob) = alice, bob
    room = create_room(a, new_name("books"))
    say(b, f"/join {room}")
    expect(heading(b)).to_have_text(room)
    room_link(b, "Lobby").click()
    other = second_browser(bob)
    room_link(other, "Lobby").click()
    say(a, f"have you read this, @{bob}?")
    for page in (b, other):
        expect(room_link(page, f"{room} 1 for you")).to_be_visible()
        expect(page).to_have_title("(1) Lobby · Chatsite")
    other.reload()
    expect(room_link(other, f"{room} 1 for you")).to_be_visible()

    room_link(b, room).click()
    expect(b.locator("[data-lines] .new")).to_be_visible()
    expect(b.locator("[data-mentioned=true] mark")).to_have_text(f"@{bob}")
    expect(room_link(other, room)).to_have_accessible_name(room)
    expect(other).to_have_title("Lobby · Chatsite")


@pytest.mark.same_on_every_database
def test_a_room_is_found_with_the_switcher_and_its_place_survives_a_killed_connection(alice):
    a, _ = alice
    first = create_room(a, new_name("attic"))
    create_room(a, new_name("cellar"))
    a.keyboard.press("Control+k")
    expect(a.get_by_role("dialog", name="Go to a room or a person")).to_be_visible()
    a.keyboard.type(first[:8])
    a.keyboard.press("Enter")
    expect(heading(a)).to_have_text(first)
    say(a, "up here")
    expect(a.locator("[data-state=sent]", has_text="up here")).to_have_count(1)
    a.reload()
    connected(a)
    expect(heading(a)).to_have_text(first)
    expect(message(a, "up here")).to_be_visible()


@pytest.mark.same_on_every_database
def test_a_mention_is_told_once_while_all_tabs_are_hidden(server, alice, bob):
    (a, _), (b, bob) = alice, bob
    room = create_room(a, new_name("news"))
    say(a, f"/invite {bob}")
    expect(room_link(b, room)).to_be_visible()
    tabs = [b, b.context.new_page()]
    for tab in tabs:
        stub_notices(tab)
        tab.goto(f"{server.url}/r/lobby/")
        connected(tab)
    choose(b, "Show notifications")
    tabs[1].reload()
    connected(tabs[1])
    for tab in tabs:
        hide(tab)
    until_no_tab_is_visible(b)
    say(a, f"look at this, @{bob}")
    wait_for_notices(b, 1)
    for tab in tabs:
        expect(tab).to_have_title("(1) Lobby · Chatsite")
    [[title, text]] = notices(b)
    assert (title.endswith(f" in {room}"), text) == (True, f"look at this, @{bob}")
    assert notices(tabs[1]) == []


@pytest.mark.same_on_every_database
def test_on_a_phone_rooms_are_changed_in_the_drawer(person, alice):
    (a, _), (p, phone) = alice, person("phone", viewport=PHONE)
    room = create_room(a, new_name("films"))
    say(a, f"/invite {phone}")
    button = p.get_by_role("button", name="Rooms")
    button.click()
    room_link(p, room).click()
    expect(p.get_by_role("dialog", name="Rooms")).to_be_hidden()
    expect(heading(p)).to_have_text(room)
    say(p, "from the phone")
    expect(message(a, "from the phone")).to_be_visible()
    p.go_back()
    expect(heading(p)).to_have_text("Lobby")
    say(a, f"still there, @{phone}?")
    expect(button).to_have_accessible_name("Rooms 1 for you")


def test_a_guest_at_a_terminal_talks_in_two_rooms_with_a_browser(server, alice):
    a, _ = alice
    room = create_room(a, new_name("hall"))
    a.get_by_text("Menu of this room").click(force=True)
    a.get_by_role("link", name="Settings and members").click()
    a.get_by_label("guests").check()
    a.locator("button[value=access]").click()
    expect(a.get_by_role("status")).to_have_text("The access to the room is changed.")
    a.get_by_role("link", name="Back to the room").click()
    connected(a)
    carol = Telnet(server, "carol")
    carol.type(f"join {room}")
    expect(a.locator("[data-people-list] .person", has_text="carol")).to_be_visible()
    carol.type(f"to {room} hello from the terminal")
    expect(message(a, "hello from the terminal")).to_be_visible()
    say(a, "hello carol")
    carol.until("hello carol")
    carol.type("say and here")
    room_link(a, "Lobby").click()
    expect(message(a, "and here")).to_be_visible()
    carol.leave()
