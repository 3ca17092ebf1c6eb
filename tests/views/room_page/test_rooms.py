"""Rooms on the page, shown one after the other without loading another page."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, field, message, said, say
from tests.support.formatted import a_formatted_line
from tests.support.room_list import SOME_ROOMS, go, room_link
from tests.support.scripted_log import messages
from tests.support.scripted_rooms import ScriptedRooms, a_summary
from tests.support.scripted_socket import a_line, until

pytestmark = pytest.mark.scripted


def marked(page):
    """Leave a mark on the page, which is lost when another page is loaded."""
    page.evaluate("window.isSamePage = true")


def assert_same_page(page):
    assert page.evaluate("window.isSamePage") is True


def test_another_room_is_shown_without_loading_a_page_and_back_returns(page, server):
    socket = ScriptedRooms(page, SOME_ROOMS)
    before = page.url
    connected(page)
    marked(page)
    go(page, "Board")
    expect(page).to_have_url(f"{server.url}/r/room-3/")
    expect(page.get_by_role("heading", name="Board")).to_be_visible()
    expect(message(page, "number 2")).to_be_visible()
    expect(room_link(page, "Board")).to_have_attribute("aria-current", "page")
    assert socket.fields_of("open") == [(3, {})]

    page.go_back()
    expect(page).to_have_url(before)
    expect(page.get_by_role("heading", name="Lobby")).to_be_visible()
    expect(message(page, "number 2")).to_have_count(0)
    page.go_forward()
    expect(message(page, "number 2")).to_be_visible()
    assert socket.fields_of("close") == [(3, {})]
    assert_same_page(page)


@pytest.mark.parametrize("author", ["bob", "me"])
def test_a_room_that_a_message_names_is_shown_without_loading_a_page(page, server, author):
    named = a_formatted_line(1, "see #room-3", name=author, client_id="a" * 36)
    ScriptedRooms(page, SOME_ROOMS).send("lines", lines=[named])
    marked(page)
    message(page, "see #room-3").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Board")).to_be_visible()
    expect(page).to_have_url(f"{server.url}/r/room-3/")
    assert_same_page(page)


def a_page(room_id):
    """Return the part of the page of a room by which the script knows it."""
    return (
        f'<div data-room data-room-id="{room_id}" data-room-slug="room-{room_id}"'
        ' data-room-kind="open"><h1 data-title>Cellar</h1></div>'
    )


@pytest.mark.parametrize(("text", "shown"), [("see #room-9", 2), ("see {url}/r/room-9/1/", 1)])
def test_a_room_that_the_user_is_not_in_is_shown_without_loading_a_page(page, server, text, shown):
    page.route(
        "**/r/room-9/", lambda route: route.fulfill(body=a_page(9), content_type="text/html")
    )
    named = a_formatted_line(1, text.format(url=server.url))
    socket = ScriptedRooms(page, SOME_ROOMS)
    socket.send("lines", lines=[named])
    marked(page)
    message(page, "see").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Cellar")).to_be_visible()
    expect(message(page, f"number {shown}")).to_be_visible()
    expect(page.get_by_role("button", name="Join")).to_be_visible()
    assert socket.fields_of("open") == [(9, {})]
    page.go_back()
    expect(page.get_by_role("heading", name="Lobby")).to_be_visible()
    assert_same_page(page)


@pytest.mark.parametrize(("status", "says"), [(404, "no such room"), (503, "could not be opened")])
def test_a_room_that_cannot_be_read_is_refused_on_the_page(page, status, says):
    page.route("**/r/room-9/", lambda route: route.fulfill(status=status))
    ScriptedRooms(page, SOME_ROOMS).send("lines", lines=[a_formatted_line(1, "see #room-9")])
    marked(page)
    message(page, "see #room-9").get_by_role("link").click()
    expect(page.locator("[data-flash]")).to_contain_text(says)
    expect(page.get_by_role("heading", name="Lobby")).to_be_visible()
    assert_same_page(page)


def test_a_room_with_another_page_for_the_user_leads_there(page):
    def answer(route):
        is_banned = route.request.is_navigation_request()
        route.fulfill(status=403, content_type="text/html", body="You are banned" * is_banned)

    page.route("**/r/room-9/", answer)
    ScriptedRooms(page, SOME_ROOMS).send("lines", lines=[a_formatted_line(1, "see #room-9")])
    message(page, "see #room-9").get_by_role("link").click()
    expect(page.get_by_text("You are banned")).to_be_visible()


def test_a_room_that_was_shown_before_is_there_at_once(page):
    socket = ScriptedRooms(page, SOME_ROOMS)
    go(page, "Board")
    expect(message(page, "number 2")).to_be_visible()
    go(page, "Lobby")
    socket.answers.clear()
    go(page, "Board")
    assert said(page) == ["number 1", "number 2"]


def test_a_message_goes_to_the_room_that_is_shown(page):
    socket = ScriptedRooms(page, SOME_ROOMS)
    connected(page)
    say(page, "in the lobby")
    go(page, "Board")
    say(page, "in the board")
    expect(page.locator("[data-state=sending]")).to_have_text([re.compile("in the board")])
    until(page, lambda: socket.received_of("say"))
    first = socket.received_of("say")[0]
    assert "room" not in first
    socket.send("said", client_id=first["client_id"], seq=1)
    until(page, lambda: len(socket.received_of("say")) == 2)
    second = socket.received_of("say")[1]
    assert (second["room"], second["text"]) == (3, "in the board")
    socket.say(3, a_line(3, "in the board", name="me", client_id=second["client_id"]))
    expect(page.locator("[data-state=sent]", has_text="in the board")).to_have_count(1)


def test_each_room_keeps_its_draft_also_over_a_reload(page):
    ScriptedRooms(page, SOME_ROOMS)
    field(page).fill("for the lobby")
    go(page, "Board")
    expect(field(page)).to_have_value("")
    field(page).fill("for the board")
    go(page, "Lobby")
    expect(field(page)).to_have_value("for the lobby")
    page.go_back()
    expect(field(page)).to_have_value("for the board")
    page.goto(page.url.partition("/r/")[0] + "/")
    expect(field(page)).to_have_value("for the lobby")


def test_each_room_keeps_the_place_of_its_reader(page):
    ScriptedRooms(page, SOME_ROOMS, logs={3: messages(50), 2: messages(50)})
    go(page, "Board")
    expect(message(page, "number 50")).to_be_visible()
    log = page.locator("[data-log]")
    log.evaluate("log => { log.scrollTop = 200 }")
    place = "log => log.scrollTop"
    go(page, "Lobby")
    go(page, "Board")
    expect(message(page, "number 50")).to_be_attached()
    assert abs(log.evaluate(place) - 200) <= 2
    go(page, "Garden")
    go(page, "Board")
    assert abs(log.evaluate(place) - 200) <= 2


def test_the_messages_of_a_room_that_is_shown_again_are_not_announced(page):
    ScriptedRooms(page, SOME_ROOMS)
    go(page, "Board")
    expect(message(page, "number 2")).to_be_visible()
    go(page, "Lobby")
    log = page.locator("[data-log]")
    expect(log).to_have_attribute("aria-live", "polite")
    page.evaluate(
        """() => {
            window.live = [];
            const log = document.querySelector("[data-log]");
            const note = () => window.live.push(log.getAttribute("aria-live"));
            new MutationObserver(note).observe(
                document.querySelector("[data-lines]"), { childList: true });
        }"""
    )
    go(page, "Board")
    expect(message(page, "number 2")).to_be_visible()
    assert set(page.evaluate("window.live")) == {"off"}


def test_a_room_that_takes_long_says_that_it_is_loading(page):
    page.clock.install()
    socket = ScriptedRooms(page, SOME_ROOMS)
    connected(page)
    socket.answers.clear()
    go(page, "Board")
    loading = page.locator("[data-opening]")
    expect(loading).to_be_attached()
    delay = "node => getComputedStyle(node).animationDelay"
    assert loading.evaluate(delay) == "0.3s"
    socket.send("opened", room=3, seq=0, lines=[], people=[], reset=False)
    expect(loading).to_be_hidden()


def test_a_visitor_of_an_open_room_is_asked_to_join(page):
    socket = ScriptedRooms(page, SOME_ROOMS)
    socket.send("room", change="joined", room=a_summary(9, name="Cellar"))
    go(page, "Cellar")
    socket.send("room", change="changed", room=a_summary(9, name="Cellar", role=None))
    join = page.get_by_role("button", name="Join")
    join.click()
    until(page, lambda: socket.fields_of("join") == [(9, {})])
    socket.send("room", change="joined", answer="join", room=a_summary(9, name="Cellar"))
    expect(join).to_be_hidden()


def test_an_archived_room_can_only_be_read(page):
    first = a_line(1, kind="created", name="bob", text="Old times")
    ScriptedRooms(page, [a_summary(2, name="Old times", archived=True)], {2: [first]})
    go(page, "Old times")
    expect(page.get_by_text("This room is archived")).to_be_visible()
    expect(page.get_by_text("Nothing was said here yet")).to_be_visible()
    expect(page.get_by_text("Say hello!")).to_be_hidden()
    expect(field(page)).to_be_hidden()
    go(page, "Lobby")
    expect(field(page)).to_be_visible()


def test_the_menu_of_a_room_has_its_topic_its_level_and_the_way_out(page):
    topic = "Everything that grows. " * 8
    socket = ScriptedRooms(page, [a_summary(2, name="Garden", topic=topic.strip())])
    go(page, "Garden")
    expect(page.locator("[data-topic]")).to_contain_text("Everything that grows")
    page.get_by_text("Menu of this room").click(force=True)
    expect(page.locator("[data-whole-topic]")).to_be_visible()
    expect(page.get_by_role("link", name="Settings and members")).to_have_attribute(
        "href", "/r/room-2/settings/"
    )
    expect(page.get_by_role("radio", name="All messages")).to_be_checked()
    page.get_by_role("radio", name="Mentions of me").check()
    until(page, lambda: socket.fields_of("level") == [(2, {"level": "mentions"})])
    socket.send("error", code="not_allowed", text="No.", room=2, answer="level")
    expect(page.locator("[data-flash]")).to_have_text("No.")
    expect(page.get_by_role("radio", name="All messages")).to_be_checked()
    page.get_by_role("button", name="Leave the room").click()
    until(page, lambda: socket.fields_of("part") == [(2, {})])
