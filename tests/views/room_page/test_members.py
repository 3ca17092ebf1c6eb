"""The members of a room, and the card of a person."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, message
from tests.support.scripted_rooms import ScriptedRooms, a_summary
from tests.support.scripted_socket import a_line, until

pytestmark = pytest.mark.scripted


def member(name, *, role="member", guest=False):
    since = None if guest else "2026-03-05T12:00:00Z"
    return {"name": name, "guest": guest, "online": True, "role": role, "since": since}


@pytest.fixture
def socket(page):
    """The socket of a page that shows a room of which one member is not online."""
    socket = ScriptedRooms(page, [a_summary(2, name="Garden")], people=["me", "bob", "zoe"])
    connected(page)
    people = [member("amy"), member("me", role="owner"), member("bob"), member("tim", guest=True)]
    socket.people[2] = people
    page.locator("[data-sidebar]").get_by_role("link", name="Garden").click()
    expect(message(page, "number 2")).to_be_visible()
    return socket


def names(page):
    return page.locator("[data-people-list] [data-part=name]")


def row(page, name):
    return page.locator("[data-people-list] .person", has_text=name)


def card(page, name):
    return page.get_by_role("dialog", name=name)


def test_the_members_of_the_room_are_listed_those_online_first_and_guests_marked(page, socket):
    expect(names(page)).to_have_text(["me", "bob", "tim", "amy"])
    expect(row(page, "tim").locator(".badge")).to_be_visible()
    expect(row(page, "amy")).to_have_attribute("data-online", "false")
    expect(row(page, "amy").get_by_role("button")).to_have_accessible_name(
        "amy not here at the moment"
    )
    socket.send("lines", lines=[a_line(1, kind="entered", name="amy")])
    expect(names(page)).to_have_text(["me", "amy", "bob", "tim"])
    page.locator("[data-sidebar]").get_by_role("link", name="Lobby").click()
    expect(names(page)).to_have_text(["me", "amy", "bob", "zoe"])


def test_lines_of_the_room_change_its_members(page, socket):
    socket.say(2, a_line(3, kind="joined", name="zoe"))
    expect(names(page)).to_have_text(["me", "bob", "tim", "zoe", "amy"])
    socket.say(2, a_line(4, "me", kind="parted", name="bob"))
    expect(names(page)).to_have_text(["me", "tim", "zoe", "amy"])
    expect(page.locator("[data-lines] .presence")).to_have_text(["zoe joined", "me removed bob"])


def test_a_card_says_since_when_and_offers_to_write_and_to_mention(page, socket):
    row(page, "bob").get_by_role("button").click()
    expect(card(page, "bob")).to_contain_text("Member since March 5, 2026, online")
    card(page, "bob").get_by_role("button", name="Mention").click()
    field = page.get_by_label("Message", exact=True)
    expect(field).to_have_value("@bob ")
    expect(field).to_be_focused()

    row(page, "bob").get_by_role("button").click()
    card(page, "bob").get_by_role("button", name="Message").click()
    until(page, lambda: socket.fields_of("direct") == [(None, {"names": ["bob"]})])
    socket.send("error", code="not_allowed", text="Not now.", answer="direct")
    expect(page.locator("[data-flash]")).to_have_text("Not now.")


def test_the_card_of_somebody_ignored_by_a_lookalike_name_offers_the_way_back(page, socket):
    def listed(frame):
        return {"type": "ignored", "names": ["t1m"], "answer": "ignores", "listed": "t1m"}

    socket.answers["ignores"] = listed
    socket.send("ignored", names=["t1m"], answer="ignore")
    row(page, "tim").get_by_role("button").click()
    expect(card(page, "tim")).to_contain_text("You ignore them, by the name t1m")
    card(page, "tim").get_by_role("button", name="Stop ignoring").click()
    until(page, lambda: socket.received_of("unignore") == [{"type": "unignore", "name": "tim"}])


def test_the_author_of_a_message_has_a_card_and_escape_closes_it(page, socket):
    socket.say(2, a_line(3, "hello", name="tim", guest=True))
    page.locator("[data-lines] .message-name", has_text="tim").click()
    expect(card(page, "tim")).to_contain_text("Guest, connected by telnet")
    expect(card(page, "tim").get_by_role("button", name="Message")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(card(page, "tim")).to_have_count(0)


def test_one_cannot_write_to_oneself(page, socket):
    page.locator("[data-people-list] .person button").first.click()
    expect(card(page, "me")).to_contain_text("Owner")
    expect(card(page, "me").get_by_role("button")).to_have_text(["Close"])


def test_a_moderator_may_call_everybody(page, socket):
    socket.say(2, a_line(3, "tea, @room", name="bob"))
    expect(message(page, "tea, @room")).to_be_visible()
    expect(page.locator("[data-lines] mark")).to_have_count(0)
    socket.say(2, a_line(4, "moderator", kind="role", name="bob"))
    socket.say(2, a_line(5, "cake, @room", name="bob"))
    expect(page.locator("[data-mentioned=true] mark")).to_have_text(["@room"])


def test_on_a_phone_the_actions_of_a_card_lead_out_of_the_drawer(person):
    page, _ = person(viewport={"width": 390, "height": 844})
    socket = ScriptedRooms(page, [a_summary(2, name="Garden")], people=["me", "bob"])
    connected(page)
    page.evaluate("history.replaceState('the lobby', '')")
    for action in ("Mention", "Message"):
        page.get_by_role("button", name="People").click()
        row(page, "bob").get_by_role("button").click()
        card(page, "bob").get_by_role("button", name=action).click()
        if action == "Mention":
            expect(page.get_by_label("Message", exact=True)).to_be_focused()
            page.wait_for_function("history.state === 'the lobby'")
    until(page, lambda: socket.received_of("direct"))
    direct = a_summary(9, name="", kind="direct", people=["bob"])
    socket.send("room", change="joined", answer="direct", room=direct)
    expect(page.locator("h1[data-title]")).to_have_text("bob")
    expect(page.locator("[data-people]")).to_be_hidden()
    expect(page).to_have_url(re.compile("/r/room-9/$"))
    page.go_back()
    expect(page.locator("h1[data-title]")).to_have_text("Lobby")
