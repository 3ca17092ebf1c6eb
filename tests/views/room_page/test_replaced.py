"""A page that newer connections of its account have replaced says so, and stays away."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import connected
from tests.support.scripted_socket import ScriptedSocket, a_welcome, until

pytestmark = pytest.mark.scripted


def test_a_replaced_page_says_so_and_comes_back_only_when_asked(page):
    page.clock.install()
    socket = ScriptedSocket(page, a_welcome())
    connected(page)
    page.get_by_label("Message", exact=True).fill("an unfinished sentence")
    socket.send("bye", code="replaced", retry_in=None)
    socket.close(4409)
    expect(page.get_by_text("opened the room in too many places")).to_be_visible()
    page.clock.fast_forward(120_000)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.clock.fast_forward(120_000)
    expect(page.get_by_text("opened the room in too many places")).to_be_visible()
    assert len(socket.sockets) == 1

    page.get_by_role("button", name="Rejoin").click()
    until(page, lambda: len(socket.sockets) == 2)
    connected(page)
    expect(page.get_by_label("Message", exact=True)).to_have_value("an unfinished sentence")
