"""A page whose user sends faster than the flood limits allow."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected
from tests.support.floods import server_with

pytestmark = pytest.mark.same_on_every_database

MESSAGES = [f"number {number}" for number in range(12)]
NOTE = "Slowed down, will be sent soon"
# Writes all texts at once, faster than the limit on any machine. The note comes and goes meanwhile.
SAY = """
    ([texts, note]) => {
        const list = document.querySelector("[data-lines]");
        window.wasSlowed = false;
        new MutationObserver(() => { window.wasSlowed ||= list.textContent.includes(note); })
            .observe(list, { childList: true, subtree: true });
        const field = document.querySelector("[data-composer] textarea");
        for (const text of texts) {
            field.value = text;
            field.dispatchEvent(new Event("input", { bubbles: true }));
            field.form.requestSubmit();
        }
    }
"""


def test_a_page_that_is_slowed_down_says_so_and_sends_everything_once_and_in_order(person):
    with server_with("runserver", FLOOD_CONNECTION_LINES="4+1/s") as server:
        page, _ = person("alice", server)
        connected(page)
        page.evaluate(SAY, [MESSAGES, NOTE])
        expect(page.locator("[data-state=sent]")).to_have_count(len(MESSAGES))
        assert page.evaluate("window.wasSlowed")
        expect(page.get_by_text(NOTE)).to_have_count(0)
        bob, _ = person("bob", server)
        connected(bob)
        expect(bob.locator("[data-lines] [data-part=text]")).to_have_text(MESSAGES)
