"""The help of the composer: completions, and commands with a slash."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, field, message, say
from tests.support.scripted_rooms import ScriptedRooms, a_summary
from tests.support.scripted_socket import until

pytestmark = pytest.mark.scripted

ROOMS = [a_summary(2, name="Garden", slug="garden")]


def member(name):
    return {"name": name, "guest": False, "online": True, "role": "member", "since": None}


@pytest.fixture
def socket(page):
    socket = ScriptedRooms(page, ROOMS, people=["me", "ann", "anton"])
    connected(page)
    return socket


def options(page):
    return page.get_by_role("listbox", name="Completions").get_by_role("option")


def heading(page):
    return page.locator("h1[data-title]")


def test_a_name_is_completed_with_the_members_of_the_room_first(page, socket):
    socket.people[2] = [member("zoran")]
    page.locator("[data-sidebar]").get_by_role("link", name="Garden").click()
    expect(message(page, "number 2")).to_be_visible()  # the room is there, with its members
    field(page).press_sequentially("hello @")
    expect(options(page)).to_have_text(["@zoran", "@annnot a member", "@antonnot a member"])
    field(page).press_sequentially("an")
    expect(options(page)).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value("hello @anton ")
    expect(options(page)).to_have_count(0)
    assert socket.received_of("say") == []


def test_a_room_is_completed_and_escape_keeps_what_was_written(page, socket):
    field(page).press_sequentially("see #gar")
    expect(options(page)).to_have_text(["#gardenGarden"])
    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(field(page)).to_have_value("see #gar")
    field(page).press_sequentially("d")
    options(page).first.click()
    expect(field(page)).to_have_value("see #garden ")
    expect(field(page)).to_be_focused()


def test_a_command_is_done_and_not_said(page, socket):
    say(page, "/topic Tea at four")
    until(page, lambda: socket.fields_of("topic") == [(1, {"text": "Tea at four"})])
    socket.send("room", change="changed", answer="topic", room=a_summary(1, topic="Tea at four"))
    expect(page.locator("[data-topic]")).to_have_text("Tea at four")
    say(page, "/join garden")
    expect(heading(page)).to_have_text("Garden")
    assert socket.received_of("say") == []


def test_an_unknown_command_stays_in_the_field_with_an_explanation(page, socket):
    say(page, "/dance now")
    expect(page.locator("[data-too-long]")).to_contain_text("There is no command /dance")
    expect(field(page)).to_have_value("/dance now")
    field(page).press("x")
    expect(page.locator("[data-too-long]")).to_have_text("")
    assert socket.received_of("say") == []


def test_a_command_that_the_server_refuses_stays_in_the_field(page, socket):
    say(page, "/invite bob")
    until(page, lambda: socket.received_of("invite"))
    socket.send("error", code="no_person", text="There is nobody of that name.", answer="invite")
    expect(page.locator("[data-too-long]")).to_have_text("There is nobody of that name.")
    expect(field(page)).to_have_value("/invite bob")


def test_two_slashes_say_one(page, socket):
    say(page, "//join garden")
    until(page, lambda: [frame["text"] for frame in socket.received_of("say")] == ["/join garden"])


def test_a_message_to_a_person_is_said_in_their_direct_room(page, socket):
    say(page, "/msg ann hello there")
    until(page, lambda: socket.fields_of("direct") == [(None, {"names": ["ann"]})])
    direct = a_summary(9, name="", kind="direct", people=["ann"])
    socket.send("room", change="joined", answer="direct", room=direct)
    expect(heading(page)).to_have_text("ann")
    until(page, lambda: socket.received_of("say"))
    [frame] = socket.received_of("say")
    assert (frame["room"], frame["text"]) == (9, "hello there")
