"""A page that was made for one account, in a browser in which another one has signed in."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected, enter_signed_in, message, open_menu, say


class Link:
    """The connection of one page to the server, which a test can cut."""

    def __init__(self, page):
        self.works = False
        page.route_web_socket(re.compile("/ws/room/"), self._open)
        page.reload()

    def _open(self, socket):
        if self.works:
            socket.connect_to_server()
        else:
            socket.close()


@pytest.fixture
def amy(page, server, accounts):
    """Amy's page with an unsent message, after ben has signed in in another tab."""
    link = Link(page)
    say(page, "only amy may say this")
    expect(page.locator("[data-state=waiting]")).to_have_count(1)
    page.get_by_label("Message", exact=True).fill("amy's draft")
    ben, session_key = next(accounts)
    tab = page.context.new_page()
    enter_signed_in(tab, server, session_key)
    link.works = True
    page.evaluate("dispatchEvent(new Event('online'))")
    page.ben, page.tab = ben, tab
    return page


def assert_nothing_was_sent(page, marker="from ben"):
    """Say `marker` in ben's tab, and assert that nothing of amy's came before it."""
    say(page.tab, marker)
    expect(page.tab.locator("[data-state=sent]", has_text=marker)).to_have_count(1)
    expect(message(page.tab, "only amy")).to_have_count(0)


def test_the_page_sends_nothing_and_offers_to_reload(amy):
    expect(amy.get_by_text("Another account has signed in with this browser")).to_be_visible()
    expect(amy.get_by_label("Message", exact=True)).to_be_hidden()
    expect(message(amy, "only amy may say this")).to_be_visible()
    assert_nothing_was_sent(amy)

    amy.get_by_role("button", name="Reload").click()
    connected(amy)
    expect(amy.locator(".menu-name")).to_have_text(amy.ben)
    expect(message(amy, "only amy")).to_have_count(0)
    expect(amy.get_by_label("Message", exact=True)).to_have_value("")
    assert_nothing_was_sent(amy, "after the reload")


def test_what_was_written_stays_with_its_author_also_when_the_other_one_signs_out(
    amy, server, browser
):
    amy.get_by_role("button", name="Reload").click()
    connected(amy)
    dialogs = []
    amy.on("dialog", lambda dialog: dialogs.append(dialog.type) or dialog.accept())
    open_menu(amy)
    amy.get_by_role("button", name="Sign out").click()
    expect(amy.get_by_role("heading", name="Sign in")).to_be_visible()
    amy.wait_for_function("!('chatsite.signing-out' in sessionStorage)")
    kept = amy.evaluate("JSON.stringify({ ...sessionStorage, ...localStorage })")
    assert "only amy may say this" in kept
    assert "amy's draft" in kept
    assert dialogs == []
