"""Unread messages: where they begin, when they are read, and how the page shows that elsewhere."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, message
from tests.support.room_list import room_link
from tests.support.scripted_log import messages
from tests.support.scripted_rooms import ScriptedRooms, a_summary
from tests.support.scripted_socket import a_line, until

pytestmark = pytest.mark.scripted

HIDE = """hidden => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    Object.defineProperty(
        document, "visibilityState", { get: () => (hidden ? "hidden" : "visible"),
        configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def new_line(page):
    return page.locator("[data-lines] .new")


def read_of(socket, room_id):
    """Return the numbers up to which a room was read."""
    return [fields["seq"] for room, fields in socket.fields_of("read") if room == room_id]


@pytest.fixture
def garden(page):
    """The socket of a page that shows room 2, with 60 messages of which 40 are unread."""
    summary = a_summary(2, name="Garden", last=60, read=20, unread=40)
    socket = ScriptedRooms(page, [summary], logs={2: messages(60)})
    room_link(page, "Garden").click()
    expect(message(page, "number 60")).to_be_attached()
    return socket


def test_a_room_with_many_unread_messages_begins_at_the_first_of_them(page, garden):
    expect(new_line(page)).to_be_in_viewport()
    expect(message(page, "number 21")).to_be_in_viewport()
    expect(message(page, "number 60")).not_to_be_in_viewport()
    pill = page.locator("[data-newest]")
    expect(pill).to_have_text("40 new")
    assert read_of(garden, 2) == []
    expect(room_link(page, "Garden 40 unread")).to_be_visible()

    pill.click()
    expect(message(page, "number 60")).to_be_in_viewport()
    until(page, lambda: read_of(garden, 2) == [60])
    expect(room_link(page, "Garden")).to_have_accessible_name("Garden")


def test_few_unread_messages_are_read_at_once_and_stay_marked(page):
    summary = a_summary(2, name="Garden", last=2, read=1, unread=1)
    socket = ScriptedRooms(page, [summary])
    room_link(page, "Garden").click()
    expect(new_line(page)).to_be_visible()
    until(page, lambda: read_of(socket, 2) == [2])
    socket.send("read", room=2, seq=2, unread=0, mentions=0)
    expect(new_line(page)).to_be_visible()
    room_link(page, "Lobby").click()
    room_link(page, "Garden").click()
    expect(message(page, "number 2")).to_be_visible()
    expect(new_line(page)).to_have_count(0)


def test_messages_that_come_while_the_page_is_hidden_stay_unread_until_it_is_visible(page):
    socket = ScriptedRooms(page, [a_summary(2, name="Garden", last=2, read=2)])
    room_link(page, "Garden").click()
    expect(message(page, "number 2")).to_be_visible()
    page.evaluate(HIDE, True)
    socket.say(2, a_line(3, "hello @me", name="ann"))
    expect(page).to_have_title("(1) Garden · Chatsite")
    assert read_of(socket, 2) == []
    icon = page.locator("link[rel=icon]")
    expect(icon).to_have_attribute("href", re.compile(r"^/static/chat/mark-unread\."))

    page.evaluate(HIDE, False)
    until(page, lambda: read_of(socket, 2) == [3])
    expect(page).to_have_title("Garden · Chatsite")
    expect(icon).to_have_attribute("href", re.compile(r"^/static/chat/mark\."))
    expect(new_line(page)).to_be_visible()
    expect(page.locator("[data-mentioned=true] mark")).to_have_text("@me")


def test_messages_that_come_at_the_end_of_a_visible_page_are_read(page):
    socket = ScriptedRooms(page, [a_summary(2, name="Garden", last=2, read=2)])
    room_link(page, "Garden").click()
    expect(message(page, "number 2")).to_be_visible()
    socket.say(2, a_line(3, "hello", name="ann"))
    until(page, lambda: read_of(socket, 2) == [3])
    expect(new_line(page)).to_have_count(0)
    expect(page).to_have_title("Garden · Chatsite")


def test_activity_and_reading_elsewhere_change_the_list_of_rooms(page):
    socket = ScriptedRooms(page, [a_summary(2, name="Garden")])
    connected(page)
    until(page, lambda: socket.received_of("read"))  # which shows that it wants to hear of them
    counts = {"last": 100, "unread": 100, "mentions": 2}
    socket.send("activity", room=2, **counts, line=a_line(100, "x"))
    expect(room_link(page, "Garden 2 for you")).to_be_visible()
    expect(page).to_have_title("(2) Lobby · Chatsite")
    socket.send("activity", room=2, last=100, unread=100, mentions=0)
    expect(room_link(page, "Garden 99+ unread")).to_be_visible()
    expect(page).to_have_title("• Lobby · Chatsite")
    socket.send("read", room=2, seq=100, unread=0, mentions=0)
    expect(room_link(page, "Garden")).to_have_accessible_name("Garden")
    expect(page).to_have_title("Lobby · Chatsite")


def test_escape_marks_a_room_as_read(page, garden):
    page.get_by_label("Message", exact=True).press("Escape")
    until(page, lambda: read_of(garden, 2) == [60])
    expect(new_line(page)).to_have_count(0)
    expect(message(page, "number 60")).to_be_in_viewport()


def test_what_one_says_removes_the_line(page):
    summary = a_summary(2, name="Garden", last=2, read=1, unread=1)
    ScriptedRooms(page, [summary])
    room_link(page, "Garden").click()
    expect(new_line(page)).to_be_visible()
    page.get_by_label("Message", exact=True).fill("hello")
    page.get_by_role("button", name="Send").click()
    expect(new_line(page)).to_have_count(0)


def test_a_room_can_be_marked_as_unread_for_later(page):
    socket = ScriptedRooms(page, [a_summary(2, name="Garden", last=2, read=2)])
    room_link(page, "Garden").click()
    expect(message(page, "number 2")).to_be_visible()
    page.get_by_text("Menu of this room").click(force=True)
    page.get_by_role("button", name="Mark as unread").click()
    until(page, lambda: socket.fields_of("unread") == [(2, {"seq": 2})])
    socket.send("read", room=2, seq=1, unread=1, mentions=0)
    expect(room_link(page, "Garden 1 unread")).to_be_visible()
    expect(new_line(page)).to_be_visible()
    room_link(page, "Lobby").click()
    room_link(page, "Garden 1 unread").click()
    until(page, lambda: read_of(socket, 2) == [2])
