"""Scrolling back through a long history."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, message, said, say
from tests.support.servers import Server

pytestmark = pytest.mark.same_on_every_database


def fill(server, page, count):
    """Save `count` messages of the one connected member, and reload the page."""
    code = (
        "from chat.models import *\nfrom chat.room import transcript\n"
        "room, connection = Room.first().pk, Connection.objects.get().pk\n"
        f"texts = [f'number {{n}}' for n in range({count})]\n"
        "transcript.say([transcript.Saying(room, connection, text) for text in texts])"
    )
    server.manage("shell", "-v0", "-c", code)
    page.reload()
    connected(page)


def test_five_hundred_messages_can_be_scrolled_back_through_in_order(browser, person):
    with Server() as server:
        page, _ = person("alice", server)
        fill(server, page, 500)
        expect(message(page, "number 499")).to_be_visible()
        log = page.locator("[data-log]")
        for _ in range(60):
            if message(page, re.compile("^number 0$")).count():
                break
            shown = page.locator("[data-lines] [data-part=text]").count()
            log.evaluate("log => { log.scrollTop = 0 }")
            page.wait_for_function(
                "n => document.querySelectorAll('[data-lines] [data-part=text]').length > n",
                arg=shown,
            )
        assert said(page) == [f"number {n}" for n in range(500)]


def test_the_page_does_not_jump_when_older_messages_arrive(browser, person):
    with Server() as server:
        page, _ = person("alice", server)
        fill(server, page, 200)
        log = page.locator("[data-log]")
        expect(message(page, "number 199")).to_be_visible()
        anchor = message(page, re.compile("^number 155$"))
        shown = page.locator("[data-lines] [data-part=text]").count()
        before = anchor.evaluate(
            """node => {
                const log = document.querySelector("[data-log]");
                log.scrollTop += node.getBoundingClientRect().top - log.getBoundingClientRect().top;
                return node.getBoundingClientRect().top;
            }"""
        )
        page.wait_for_function(
            "n => document.querySelectorAll('[data-lines] [data-part=text]').length > n", arg=shown
        )
        after = anchor.evaluate("node => node.getBoundingClientRect().top")
        assert abs(after - before) <= 2
        assert log.evaluate("log => log.scrollTop") > 100


LINES = 100_000
MESSAGES_EVERY = 51
MOST_ITEMS = 800  # in the document

# Scrolls to the first or the last message. Returns the largest number of items on the way.
SCROLL_TO = """
    async (side) => {
        const log = document.querySelector("[data-log]");
        const list = document.querySelector("[data-lines]");
        let most = 0;
        do {
            log.scrollTop = side === "first" ? 0 : log.scrollHeight;
            await new Promise((done) => requestAnimationFrame(done));
            most = Math.max(most, list.children.length);
        } while (list.querySelector(`[data-gap]:${side}-child`));
        return most;
    }
"""
WHERE_MESSAGES_ARE = """
    () => [...document.querySelectorAll("[data-lines] > li")]
        .map((item) => [item.textContent, item.getBoundingClientRect().top])
"""


def test_a_hundred_thousand_lines_can_be_scrolled_to_the_first_message_and_back(browser, person):
    with Server() as server:
        page, _ = person("alice", server)
        other, _ = person("bob", server)
        code = (
            "from chat.models import Room\nfrom tests.support.log import write_busy_log\n"
            f"write_busy_log(Room.first(), {LINES}, {MESSAGES_EVERY})"
        )
        server.manage("shell", "-v0", "-c", code)
        # A process that follows the room would read all these lines before anybody could enter.
        server.stop()
        server.start()
        page.reload()
        connected(page)
        connected(other)
        newest = message(page, f"number {LINES // MESSAGES_EVERY}")
        page.keyboard.press("Escape")  # the page begins with the unread messages
        expect(newest).to_be_in_viewport()
        assert page.evaluate(SCROLL_TO, "first") <= MOST_ITEMS
        expect(message(page, re.compile("^number 1$"))).to_have_count(1)
        page.locator("[data-log]").evaluate("log => { log.scrollTop = 400 }")

        before = page.evaluate(WHERE_MESSAGES_ARE)
        say(other, "a new one")
        expect(page.locator("[data-newest]")).to_contain_text(re.compile("^1 new since "))
        assert page.evaluate(WHERE_MESSAGES_ARE) == before

        assert page.evaluate(SCROLL_TO, "last") <= MOST_ITEMS
        expect(newest).to_have_count(1)
        page.locator("[data-log]").evaluate("log => { log.scrollTop = log.scrollHeight }")
        expect(message(page, "a new one")).to_be_in_viewport()
