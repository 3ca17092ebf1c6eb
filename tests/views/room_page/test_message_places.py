"""Places in the history: the address of a message, the way back, the days, and what is unread."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, message
from tests.support.scripted_log import ScriptedLog, messages
from tests.support.scripted_rooms import ScriptedRooms, a_summary
from tests.support.scripted_socket import ScriptedSocket, a_line

BASE = re.compile("/r/[^/]+/.*")


def exactly(number):
    return re.compile(f"^number {number}$")


def show(page, lines, seq=None):
    """Show the lobby with these lines, at the address of one of them."""
    if seq is not None:
        # The real server, whose log is another one, does not have this message.
        page.route(
            f"**/r/lobby/{seq}/",
            lambda route: route.fulfill(
                response=route.fetch(url=BASE.sub("/r/lobby/", route.request.url))
            ),
        )
        page.goto(BASE.sub(f"/r/lobby/{seq}/", page.url))
    log = ScriptedLog(lines)
    socket = ScriptedSocket(page, log.welcome(), history=log.history)
    connected(page)
    return socket


def newest(page):
    return page.locator("[data-newest]")


def test_the_address_of_a_message_leads_to_it_and_one_button_back_to_now(page):
    show(page, messages(2_000), seq=700)
    expect(message(page, exactly(700))).to_be_in_viewport()
    expect(page.locator("[data-sought]")).to_be_focused()
    newest(page).click()
    expect(message(page, exactly(2_000))).to_be_in_viewport()
    expect(page).to_have_url(re.compile("/r/lobby/$"))
    page.reload()
    connected(page)
    expect(message(page, exactly(2_000))).to_be_in_viewport()


def test_a_link_to_a_message_is_followed_without_another_page(page):
    lines = messages(2_000)
    lines[-1] = a_line(2_000, f"see {BASE.sub('/r/lobby/300/', page.url)}")
    show(page, lines)
    page.evaluate("window.isSamePage = true")
    message(page, "see http").get_by_role("link").click()
    expect(message(page, exactly(300))).to_be_in_viewport()
    assert page.evaluate("window.isSamePage")
    assert len(page.context.pages) == 1


def test_a_link_to_a_message_of_another_room_shows_that_room(page):
    lines = [a_line(1, f"see {BASE.sub('/r/garden/2/', page.url)}")]
    rooms = [a_summary(2, name="Garden", slug="garden")]
    ScriptedRooms(page, rooms, logs={2: messages(3)}).send("lines", lines=lines)
    message(page, "see http").get_by_role("link").click()
    expect(page.locator("h1[data-title]")).to_have_text("Garden")
    expect(page.locator("[data-sought]")).to_contain_text("number 2")


def test_the_day_stays_at_the_top_while_its_messages_are_read(page):
    lines = messages(40, at="2026-05-04T12:00:00Z")
    lines += [a_line(seq, f"number {seq}", at="2026-05-05T12:00:00Z") for seq in range(41, 81)]
    show(page, lines)
    top = page.locator("[data-log]").bounding_box()["y"]
    expect(page.locator(".day").first).to_be_attached()
    for number, day in ((60, "5"), (20, "4")):
        message(page, exactly(number)).evaluate("node => node.scrollIntoView({ block: 'center' })")
        shown = page.evaluate(
            """([x, y]) => document.elementFromPoint(x, y).closest(".day").textContent""",
            [page.locator(".day time").first.bounding_box()["x"] + 20, top + 12],
        )
        assert day in shown


def test_the_calendar_leads_to_the_first_message_of_a_day(page):
    show(page, messages(2_000))
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(body=json.dumps({"seq": 300}), content_type="application/json")

    page.route("**/r/lobby/day/*", answer)
    page.locator(".day button").last.click()
    calendar = page.get_by_role("dialog", name="Go to a day")
    expect(calendar.get_by_label("Day")).to_have_value("2026-05-05")
    calendar.get_by_label("Day").fill("2026-04-01")
    calendar.get_by_role("button", name="Go").click()
    expect(message(page, exactly(300))).to_be_in_viewport()
    expect(calendar).to_have_count(0)
    [url] = asked
    assert re.search(r"since=2026-0(3-31|4-01)T", url)


@pytest.mark.parametrize(
    ("status", "text"), [(200, "Nothing was said"), (503, "could not be found")]
)
def test_a_day_that_leads_nowhere_is_explained(page, status, text):
    show(page, messages(60))
    page.route(
        "**/r/lobby/day/*",
        lambda route: route.fulfill(
            status=status, body='{"seq": null}', content_type="application/json"
        ),
    )
    page.locator(".day button").last.click()
    calendar = page.get_by_role("dialog", name="Go to a day")
    calendar.get_by_role("button", name="Go").click()
    expect(calendar.get_by_role("status")).to_contain_text(text)
    page.keyboard.press("Escape")
    expect(calendar).to_have_count(0)


def test_the_first_unread_message_is_offered_until_it_was_seen(page):
    garden = a_summary(2, name="Garden", slug="garden", last=50, read=10, unread=40)
    log = [*messages(50)]
    ScriptedRooms(page, [garden], logs={2: log})
    first = page.get_by_role("button", name="First unread")
    page.locator("[data-sidebar]").get_by_role("link", name="Garden").click()
    expect(message(page, exactly(11))).to_be_in_viewport()
    expect(first).to_be_hidden()
    scroller = page.locator("[data-log]")
    scroller.evaluate("log => { log.scrollTop = log.scrollHeight - log.clientHeight - 200 }")
    expect(first).to_be_visible()
    first.click()
    expect(message(page, exactly(11))).to_be_in_viewport()
    expect(page.locator("[data-sought]")).to_contain_text("number 11")
    expect(first).to_be_hidden()
    newest(page).click()
    expect(message(page, exactly(50))).to_be_in_viewport()
    expect(first).to_be_hidden()


def test_the_first_unread_message_may_have_to_be_loaded(page):
    lines = messages(2_000)
    log = ScriptedLog(lines)
    lobby = a_summary(1, last=2_000, read=500, unread=100)
    welcome = {**log.welcome(), "rooms": [lobby]}
    ScriptedSocket(page, welcome, history=log.history)
    first = page.get_by_role("button", name="First unread")
    expect(first).to_be_visible()
    first.click()
    expect(message(page, exactly(501))).to_be_in_viewport()
    expect(page.locator(".new")).to_be_in_viewport()


def test_the_calendar_is_opened_by_keyboard_from_the_menu_of_the_room(page):
    ScriptedRooms(page, [])
    connected(page)
    page.locator("[data-room-menu] > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Go to a day").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Go to a day").get_by_label("Day")).to_be_focused()
    expect(page.locator("[data-room-menu]")).not_to_have_attribute("open")
