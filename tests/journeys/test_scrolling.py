"""Scrolling back through a long history."""

import re

from playwright.sync_api import expect

from tests.support.browser import connected, message, said
from tests.support.servers import Server


def fill(server, page, count):
    """Save `count` messages of the one connected member, and reload the page."""
    code = (
        "from chat.models import *\nfrom chat.room import transcript\n"
        "connection = Connection.objects.get().pk\n"
        f"numbers = [transcript.Saying(connection, f'number {{n}}') for n in range({count})]\n"
        "transcript.say(Room.first().pk, numbers)"
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
