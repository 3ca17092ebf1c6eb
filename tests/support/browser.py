"""Debian's Chromium, driven by Playwright, for tests of the website."""

import os
import shutil
from contextlib import contextmanager
from itertools import count

from playwright.sync_api import expect, sync_playwright

from tests.support.make_members import letters
from tests.support.services import missing
from tests.support.waiting import PATIENCE

PASSWORD = "correct horse 7 staple"
# The same browser without windows takes a fifth of the processor time for each page.
PROGRAMS = ["chromium-headless-shell", "chromium"]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]
# The page gives up a request after 10 seconds, waits 15 for a welcome, and takes back an offer or a
# text after some seconds. The process of a test, which presses the buttons or plays the server, may
# stop for as long on a busy machine. So these timers take longer, except where the test has the
# clock in its hands.
PATIENT_TIMERS = """
(() => {
    const later = window.setTimeout;
    const short = [2_000, 10_000, 12_000, 15_000];
    window.setTimeout = (call, delay, ...values) => {
        const isExtended = short.includes(delay) && !window.__pwClock;
        return later(call, isExtended ? 60 * delay : delay, ...values);
    };
})();
"""

expect.set_options(timeout=PATIENCE * 1000)

numbers = count()


@contextmanager
def chromium():
    """Start a browser. Each person of a test gets a context of their own in it."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None) or missing(PROGRAMS[0])
    # Tests expect days and times in UTC, wherever the machine stands.
    options = {"executable_path": program, "args": ARGUMENTS, "env": {**os.environ, "TZ": "UTC"}}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()


@contextmanager
def members(browser, server, accounts=None):
    """Give a function that makes a person with an account and a browser context of their own.

    The function returns (page, name). People sign up through the form, unless `accounts` is given:
    an iterator of (name, session key). Then the page need not be `opened`.
    """
    contexts, errors = [], []

    def make(prefix="person", where=server, opened=True, **options):
        context = browser.new_context(base_url=where.url, **options)
        context.set_default_timeout(PATIENCE * 1000)
        contexts.append(context)
        context.add_init_script(PATIENT_TIMERS)
        page = context.new_page()
        # An exception in it would end the driver of Playwright, and with it all other tests.
        page.on("pageerror", lambda error: errors.append(error))
        if accounts is None:
            name = new_name(prefix)
            sign_up(page, where, name)
        else:
            name, session_key = next(accounts)
            (enter_signed_in if opened else sign_in)(page, where, session_key)
        return page, name

    yield make
    for context in contexts:
        context.close()
    assert not errors, f"on the page: {errors}"


def new_name(prefix):
    return f"{prefix}-{letters(next(numbers))}"


def sign_up(page, server, name):
    """Make an account through the form and wait until the room's page is connected."""
    page.goto(f"{server.url}/accounts/signup/")
    page.fill("[name=username]", name)
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.click("form button:not([data-sign-out] *)")
    expect(page).to_have_url(f"{server.url}/r/lobby/")
    connected(page)


def enter_signed_in(page, server, session_key):
    """Open the room with a session that exists already."""
    sign_in(page, server, session_key)
    page.goto(server.url)
    connected(page)


def sign_in(page, server, session_key):
    """Give a page a session that exists already."""
    page.context.add_cookies([{"name": "sessionid", "value": session_key, "url": server.url}])


def connected(page):
    """Wait until the page says that it is connected."""
    expect(page.locator("[data-status-label]")).to_have_text("Connected")


def open_menu(page):
    """Open the account menu at the foot of the list of rooms, which a phone shows as a drawer."""
    summary = page.locator("[data-menu] > summary")
    if not summary.is_visible():
        page.locator("[data-sidebar-toggle]").click()
    summary.click()


def field(page):
    """Return the field in which messages are written."""
    return page.get_by_label("Message", exact=True)


def say(page, text):
    field(page).fill(text)
    page.get_by_role("button", name="Send").click()


def said(page):
    """Return the texts of the messages on the page, in their order."""
    return page.locator("[data-lines] [data-part=text]").all_inner_texts()


def message(page, text):
    return page.locator("[data-lines] [data-part=text]", has_text=text)
