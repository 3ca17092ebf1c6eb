"""The states that keep somebody from writing on the page, until it ends by itself."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import connected, field, message, say
from tests.support.room_list import go
from tests.support.room_setup import create_room, run_code
from tests.support.scripted_rooms import ScriptedRooms, a_summary
from tests.support.scripted_socket import a_line, until

pytestmark = pytest.mark.scripted

NOW = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)


def after(minutes):
    return (NOW + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


@pytest.fixture
def page(page):
    page.clock.install(time=NOW)
    return page


def changed(socket, **fields):
    """Tell the page what is new about the lobby."""
    socket.send("room", change="changed", room=a_summary(1, **fields))


def restraint(page):
    return page.locator("[data-restraint]")


def send(page):
    return page.locator("[data-send]")


def test_somebody_who_is_muted_keeps_the_draft_and_speaks_again_when_the_mute_ends(page):
    socket = ScriptedRooms(page, [])
    connected(page)
    field(page).fill("a draft")
    changed(socket, muted={"until": after(5), "reason": "too much"})
    expect(restraint(page)).to_contain_text("You cannot speak here until ")
    expect(restraint(page)).to_contain_text(": too much")
    expect(field(page)).not_to_be_editable()
    expect(send(page)).to_be_disabled()
    field(page).press("Enter")
    expect(field(page)).to_have_value("a draft")
    assert_accessible(page)
    page.clock.run_for(5 * 60_000 + 1_000)
    expect(restraint(page)).to_be_hidden()
    expect(field(page)).to_be_editable()
    expect(field(page)).to_have_value("a draft")
    assert socket.received_of("say") == []


def test_a_mute_that_is_lifted_gives_the_composer_back(page):
    socket = ScriptedRooms(page, [])
    connected(page)
    changed(socket, muted={"until": None, "reason": ""})
    expect(restraint(page)).to_have_text("You cannot speak here.")
    changed(socket)
    expect(field(page)).to_be_editable()


def test_only_moderators_write_in_a_locked_room(page):
    socket = ScriptedRooms(page, [])
    connected(page)
    changed(socket, locked=True)
    expect(restraint(page)).to_have_text("Only moderators may speak here now.")
    changed(socket, locked=True, role="moderator", moderate=["lock", "unlock"])
    expect(restraint(page)).to_be_hidden()
    expect(field(page)).to_be_editable()


def test_the_button_counts_down_in_slow_mode_and_enter_keeps_the_text(page):
    socket = ScriptedRooms(page, [])
    connected(page)
    changed(socket, slow=30)
    say(page, "first")
    until(page, lambda: socket.received_of("say"))
    (frame,) = socket.received_of("say")
    now = page.evaluate("new Date().toISOString()")  # the clock also runs by itself
    line = a_line(1, "first", name="me", client_id=frame["client_id"], at=now)
    socket.send("lines", lines=[line])
    expect(message(page, "first")).to_be_visible()
    expect(send(page)).to_have_text(re.compile(r"Wait \d+ s"))
    field(page).fill("second")
    field(page).press("Enter")
    expect(page.locator("[data-too-long]")).to_contain_text("slow mode")
    expect(field(page)).to_have_value("second")
    page.clock.run_for(31_000)
    expect(send(page)).to_have_text("Send")
    expect(page.locator("[data-too-long]")).to_have_text("")
    field(page).press("Enter")
    until(page, lambda: len(socket.received_of("say")) == 2)
    expect(message(page, "second")).to_be_visible()


def test_a_message_that_the_server_refuses_is_kept_with_the_reason(page):
    socket = ScriptedRooms(page, [])
    connected(page)
    say(page, "hello")
    until(page, lambda: socket.received_of("say"))
    (frame,) = socket.received_of("say")
    socket.send(
        "error",
        code="muted",
        text="You cannot speak here.",
        client_id=frame["client_id"],
        until=after(5),
        reason="spam",
    )
    note = page.locator("[data-part=note]")
    expect(note).to_contain_text("Not sent. You cannot speak here until ")
    expect(note).to_contain_text(": spam")
    expect(restraint(page)).to_contain_text(": spam")


@pytest.mark.parametrize("left_first", [True, False])
def test_somebody_who_is_put_out_of_a_room_sees_until_when_and_why(page, left_first):
    socket = ScriptedRooms(page, [a_summary(2, name="Garden")])
    go(page, "Garden")
    expect(message(page, "number 2")).to_be_visible()
    left = {"type": "room", "change": "left", "room": {"id": 2, "slug": "room-2"}}
    ban = {"type": "told", "about": "banned", "room": 2, "name": "Garden"}
    ban |= {"until": after(10), "reason": "spam"}
    for frame in (left, ban) if left_first else (ban, left):
        socket.send(frame.pop("type"), **frame)
    expect(page.get_by_role("heading", name="Lobby")).to_be_visible()
    notice = page.locator("[data-flash]")
    expect(notice).to_have_text(re.compile("^You are banned from Garden until .*: spam$"))


def test_somebody_who_is_banned_sees_why_and_the_page_does_not_come_back_by_itself(page):
    socket = ScriptedRooms(page, [])
    connected(page)
    socket.send("bye", code="banned", retry_in=None, until=after(60), reason="spam")
    socket.close(4406)
    banner = page.locator("[data-banner]")
    expect(banner).to_contain_text("You are banned until ")
    expect(banner).to_contain_text(": spam")
    expect(banner.get_by_role("button")).to_have_count(0)
    expect(page.locator("[data-composer]")).to_be_hidden()
    assert_accessible(page)
    page.clock.run_for(59 * 60_000)
    assert len(socket.sockets) == 1
    page.clock.run_for(2 * 60_000)
    banner.get_by_role("button", name="Rejoin").click()
    connected(page)


def go_to_garden(page):
    page.evaluate("history.pushState({ id: 2, slug: 'room-2' }, '', '/r/room-2/')")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate', { state: history.state }))")


def test_strangers_ask_to_join_where_moderators_decide(page):
    garden = a_summary(2, role=None, by_request=True)
    refusal = {
        "type": "error",
        "code": "ask_first",
        "text": "They have been asked.",
        "answer": "join",
    }
    ScriptedRooms(page, [garden], join=lambda frame: {**refusal, "client_id": None, "room": 2})
    connected(page)
    go_to_garden(page)
    expect(page.locator("[data-visit]")).to_contain_text("Its moderators decide who may join.")
    expect(field(page)).not_to_be_editable()
    page.get_by_role("button", name="Ask to join").click()
    assert_waits(page)
    expect(page.locator("[data-flash]")).to_be_hidden()
    expect(page.get_by_role("button", name="Cancel the request")).to_be_focused()
    assert_accessible(page)


def test_a_reloaded_page_shows_that_somebody_waits_to_be_let_in(page):
    garden = a_summary(2, role=None, by_request=True, asked=True)
    ScriptedRooms(page, [garden])
    connected(page)
    go_to_garden(page)
    assert_waits(page)
    form = page.locator("[data-withdraw]")
    assert form.get_attribute("action") == "/r/room-2/join/withdraw/"


def test_everybody_may_join_once_no_request_is_needed(page):
    socket = ScriptedRooms(page, [a_summary(2, role=None, by_request=True, asked=True)])
    connected(page)
    go_to_garden(page)
    assert_waits(page)
    room = a_summary(2, role=None, by_request=False, asked=False)
    socket.send("room", change="changed", room=room)
    expect(page.get_by_role("button", name="Join", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Cancel the request")).to_be_hidden()


def test_somebody_asks_to_join_and_takes_it_back(server, person):
    (_, owner), (page, _) = person(opened=False), person(opened=False)
    room = create_room(server, owner, f"Garden of {owner}")
    slug = run_code(server, f"print(Room.objects.get(pk={room}).slug)").splitlines()[-1]
    run_code(server, f"Room.objects.filter(pk={room}).update(by_request=True)")
    page.goto(f"{server.url}/r/{slug}/")
    page.get_by_role("button", name="Ask to join").click()
    assert_waits(page)
    page.reload()
    assert_waits(page)
    page.get_by_role("button", name="Cancel the request").click()
    expect(page.get_by_role("button", name="Ask to join")).to_be_visible()
    assert page.url == f"{server.url}/r/{slug}/"


def assert_waits(page):
    expect(page.locator("[data-visit]")).to_contain_text("You have asked to join.")
    expect(page.get_by_role("button", name="Ask to join")).to_be_hidden()
    expect(page.get_by_role("button", name="Cancel the request")).to_be_visible()
    expect(field(page)).not_to_be_editable()


def test_notices_and_changes_of_the_rules_stand_in_the_log(page):
    lines = [
        a_line(1, "ann was muted for 10 minutes: spam", kind="notice", name="ann"),
        a_line(2, "slow 30", kind="rules", name="bob"),
        a_line(3, "locked", kind="rules", name="bob"),
    ]
    socket = ScriptedRooms(page, [])
    connected(page)
    socket.send("lines", lines=lines)
    log = page.locator("[data-lines]")
    expect(log).to_contain_text("ann was muted for 10 minutes: spam")
    expect(log).to_contain_text("bob set slow mode: one message in 30 seconds")
    expect(log).to_contain_text("bob locked the room: only moderators may speak")
