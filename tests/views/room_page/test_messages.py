"""The messages of the room page: what is shown, loaded and announced."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, message, say
from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome, until

pytestmark = pytest.mark.scripted


def test_the_first_message_of_a_new_room_is_announced(page):
    socket = ScriptedSocket(page, a_welcome())
    connected(page)
    log = page.locator("[data-log]")
    expect(log).to_have_attribute("aria-live", "polite")
    socket.send("lines", lines=[a_line(1, "the first")])
    expect(message(page, "the first")).to_be_visible()
    expect(log).to_have_attribute("aria-live", "polite")


def test_scrolling_up_shows_the_button_for_the_newest_messages_at_once(page):
    ScriptedSocket(page, a_welcome([a_line(seq, f"number {seq}") for seq in range(1, 51)]))
    connected(page)
    expect(message(page, "number 50")).to_be_visible()
    newest = page.get_by_role("button", name="Newest messages")
    expect(newest).to_be_hidden()
    page.locator("[data-log]").evaluate("log => { log.scrollTop = 0 }")
    expect(newest).to_be_visible()
    newest.click()
    expect(newest).to_be_hidden()


def test_a_reader_who_has_just_scrolled_up_stays_there_when_a_message_comes(page):
    lines = [a_line(seq, f"number {seq}") for seq in range(1, 51)]
    socket = ScriptedSocket(page, a_welcome(lines))
    connected(page)
    expect(message(page, "number 50")).to_be_in_viewport()
    # A busy browser draws no frame, with which it would tell of the scroll, before the update.
    page.evaluate(
        """() => {
            const later = window.setTimeout;
            window.updates = [];
            window.requestAnimationFrame = (update) => window.updates.push(update);
            window.setTimeout = (call, delay, ...values) =>
                delay === 250 ? 0 : later(call, delay, ...values);
        }"""
    )
    socket.send("lines", lines=[a_line(51, "number 51")])
    until(page, lambda: page.evaluate("window.updates.length"))
    place = page.locator("[data-log]").evaluate(
        """(log) => {
            log.scrollTop = 0;
            for (const update of window.updates) update();
            return log.scrollTop;
        }"""
    )
    expect(message(page, "number 51")).to_be_attached()
    assert place == 0


def test_after_midnight_today_is_called_yesterday(person):
    page, _ = person(timezone_id="Europe/Berlin")
    page.clock.install(time="2026-05-05T23:30:00+02:00")
    ScriptedSocket(page, a_welcome([a_line(1, "late", at="2026-05-05T21:28:00Z")]))
    day = page.locator(".day time")
    expect(day).to_have_text("Today")
    page.clock.fast_forward("31:00")  # the clock also runs by itself meanwhile
    expect(day).to_have_text("Yesterday")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("try_again", "Not saved yet, trying again"),
        ("too_fast", "Slowed down, will be sent soon"),
    ],
)
def test_a_message_that_is_sent_again_later_says_why(page, code, text):
    def delay(frame):
        return {"type": "error", "code": code, "text": "", "client_id": frame["client_id"]}

    socket = ScriptedSocket(page, a_welcome(), say=delay)
    connected(page)
    say(page, "one")
    say(page, "two")
    notes = page.locator("[data-lines] [data-part=note]:visible")
    expect(notes).to_have_text([text])
    socket.answers.clear()
    socket.send("said", client_id=socket.received_of("say")[0]["client_id"], seq=1)
    expect(notes).to_have_count(0)


def test_an_own_message_is_announced_once(page):
    socket = ScriptedSocket(page, a_welcome())
    connected(page)
    say(page, "hello")
    expect(page.locator("[data-state=sending]")).to_have_count(1)
    page.evaluate(
        """() => {
            window.announced = [];
            const record = ({ target, addedNodes }) =>
                addedNodes.length && window.announced.push(target.textContent);
            new MutationObserver((changes) => changes.forEach(record)).observe(
                document.querySelector("[data-lines]"), { childList: true, subtree: true });
        }"""
    )
    until(page, lambda: socket.received_of("say"))
    (sent,) = socket.received_of("say")
    at = page.locator(".message time").get_attribute("datetime")
    own = a_line(1, "hello", name="me", at=at, client_id=sent["client_id"])
    socket.send("lines", lines=[own])
    expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert page.evaluate("window.announced") == []

    socket.send("lines", lines=[a_line(2, "", kind="removed", of=1)])
    expect(message(page, "This message was removed")).to_be_visible()
    assert page.evaluate("window.announced") == ["This message was removed"]


def test_a_reader_further_up_keeps_the_place_when_the_column_changes_its_width(person):
    page, _ = person(viewport={"width": 390, "height": 844})
    page.clock.install()
    ScriptedSocket(page, a_welcome([a_line(seq, f"number {seq} " * 15) for seq in range(1, 51)]))
    anchor = message(page, "number 20 ")
    expect(anchor).to_have_count(1)
    top = anchor.evaluate(
        """(node) => new Promise((done) => {
            const log = document.querySelector("[data-log]");
            log.addEventListener("scroll", () => done(node.getBoundingClientRect().top));
            log.scrollTop += node.getBoundingClientRect().top - log.getBoundingClientRect().top;
        })"""
    )
    page.clock.run_for(200)
    for width in (844, 390):
        page.set_viewport_size({"width": width, "height": 1_234 - width})
        page.wait_for_function("width => innerWidth === width", arg=width)
        # The browser tells of the new width with its next frame, for which the clock does not wait.
        page.wait_for_function(
            "([node, top]) => Math.abs(node.getBoundingClientRect().top - top) <= 2",
            arg=[anchor.element_handle(), top],
        )
        page.clock.run_for(200)
        now = anchor.evaluate(
            """(node) => new Promise((done) => requestAnimationFrame(() =>
                done(node.getBoundingClientRect().top)))"""
        )
        assert abs(now - top) <= 2
