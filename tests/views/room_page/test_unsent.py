"""Unsent messages and the draft: the page asks before they are lost."""

import json

from playwright.sync_api import expect

from tests.support.browser import connected, open_menu, say
from tests.support.scripted_socket import ScriptedSocket


class Dialogs:
    """Record the dialogs that a page opens, and accept or dismiss them."""

    def __init__(self, page):
        self.opened = []
        self.accept = True
        page.on("dialog", self._answer)

    def _answer(self, dialog):
        self.opened.append(dialog.type)
        if self.accept:
            dialog.accept()
        else:
            dialog.dismiss()


def sign_out(page):
    if not page.get_by_role("button", name="Sign out").is_visible():
        open_menu(page)
    page.get_by_role("button", name="Sign out").click()


def stored(page):
    """Return what the tab and the browser have stored, as JSON."""
    return page.evaluate("JSON.stringify({ ...sessionStorage, ...localStorage })")


def test_signing_out_asks_before_unsent_messages_are_lost_and_keeps_them_if_it_fails(page, server):
    dialogs = Dialogs(page)
    page.context.set_offline(True)
    expect(page.locator("[data-status-label]")).to_have_text("Offline")
    say(page, "typed while away")
    expect(page.locator("[data-state=waiting]")).to_have_count(1)
    dialogs.accept = False
    sign_out(page)
    assert dialogs.opened == ["confirm"]
    expect(page).to_have_url(f"{server.url}/r/lobby/")
    assert "typed while away" in stored(page)

    dialogs.accept = True
    sign_out(page)
    page.wait_for_url("chrome-error://**")  # the request failed
    assert dialogs.opened == ["confirm", "confirm"]

    page.context.set_offline(False)
    page.goto(server.url)
    connected(page)
    expect(page.locator("[data-state=sent]", has_text="typed while away")).to_have_count(1)
    assert dialogs.opened == ["confirm", "confirm"]
    assert "chatsite.signing-out" not in json.loads(stored(page))


def test_signing_out_clears_what_was_written(page):
    dialogs = Dialogs(page)
    page.get_by_label("Message", exact=True).fill("a draft")
    assert "a draft" in stored(page)
    sign_out(page)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    # A script that loads late clears it.
    page.wait_for_function("!JSON.stringify(localStorage).includes('a draft')")
    assert page.evaluate("Object.values(sessionStorage)") == []
    assert dialogs.opened == []


def test_a_draft_survives_an_expired_session(page, server):
    page.get_by_label("Message", exact=True).fill("a draft")
    page.context.clear_cookies()
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "a draft" in stored(page)


def test_closing_the_page_asks_before_unsent_messages_are_lost(page):
    dialogs = Dialogs(page)
    say(page, "said and saved")
    expect(page.locator("[data-state=sent]", has_text="said and saved")).to_have_count(1)
    page.reload()
    connected(page)
    assert dialogs.opened == []

    ScriptedSocket(page)
    say(page, "typed while away")
    page.reload()
    assert dialogs.opened == ["beforeunload"]
