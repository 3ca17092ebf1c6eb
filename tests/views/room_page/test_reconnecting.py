"""The notice while the page waits for a new connection."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected
from tests.support.scripted_socket import ScriptedSocket, a_welcome, until

pytestmark = pytest.mark.scripted

DAY = 86_400  # seconds; the page would not try by itself during a test


@pytest.fixture
def restarting(page):
    """The socket of a page whose server has announced a restart that takes a day."""
    socket = ScriptedSocket(page, a_welcome())
    connected(page)
    socket.send("bye", code="restart", text="", retry_in=DAY)
    socket.close(4012)
    expect(page.locator("[data-banner]")).to_contain_text("The server is restarting")
    return socket


def test_a_restart_can_be_cut_short_at_once(page, restarting):
    expect(page.locator("[data-banner]")).to_contain_text(re.compile(r"Reconnecting in \d+ s"))
    button = page.get_by_role("button", name="Try now")
    expect(button).to_be_in_viewport(ratio=1)
    button.click()
    connected(page)
    expect(page.locator("[data-banner]")).to_be_hidden()
    assert len(restarting.sockets) == 2


@pytest.mark.parametrize(
    ("target", "event"), [("window", "online"), ("document", "visibilitychange")]
)
def test_the_page_tries_at_once_when_it_becomes_visible_or_online(page, restarting, target, event):
    page.evaluate(f"{target}.dispatchEvent(new Event('{event}'))")
    connected(page)
    assert len(restarting.sockets) == 2


def test_a_brief_interruption_moves_nothing(page):
    page.clock.set_fixed_time("2026-05-05T12:00:00Z")  # so that it is brief on any machine
    socket = ScriptedSocket(page, a_welcome())
    connected(page)
    page.evaluate(
        """() => {
            window.shown = 0;
            const banner = document.querySelector("[data-banner]");
            new MutationObserver(() => { window.shown += !banner.hidden; }).observe(
                banner, { attributes: true });
        }"""
    )
    socket.close(1006)
    until(page, lambda: len(socket.sockets) == 2)
    connected(page)
    assert page.evaluate("window.shown") == 0


def test_an_attempt_that_gets_no_answer_can_be_replaced(page):
    socket = ScriptedSocket(page)  # it never welcomes
    socket.close(1006)
    button = page.get_by_role("button", name="Try now")
    expect(button).to_be_visible()
    until(page, lambda: len(socket.sockets) == 2)
    socket.welcome = a_welcome()
    button.click()
    connected(page)
