"""A page whose user sends faster than the flood limits allow."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, say
from tests.support.floods import server_with

pytestmark = pytest.mark.same_on_every_database

MESSAGES = [f"number {number}" for number in range(12)]


def test_a_page_that_is_slowed_down_says_so_and_sends_everything_once_and_in_order(person):
    with server_with("runserver", FLOOD_CONNECTION_LINES="4+1/s") as server:
        page, _ = person("alice", server)
        connected(page)
        for text in MESSAGES:
            say(page, text)
        expect(page.get_by_text("Slowed down, will be sent soon")).to_have_count(1)
        expect(page.locator("[data-state=sent]")).to_have_count(len(MESSAGES))
        expect(page.get_by_text("Slowed down, will be sent soon")).to_have_count(0)
        bob, _ = person("bob", server)
        connected(bob)
        expect(bob.locator("[data-lines] [data-part=text]")).to_have_text(MESSAGES)
