"""Links to messages, such as those of the list of mentions: the page leads to their place."""

from playwright.sync_api import expect

from tests.support.browser import connected, message
from tests.support.scripted_log import ScriptedLog, messages
from tests.support.scripted_socket import ScriptedSocket


def lobby_log(page, count, seq):
    """Show the lobby with so many messages at the address of one of them."""
    log = ScriptedLog(messages(count))
    page.goto(f"{page.url.partition('#')[0]}#m-{seq}")
    return ScriptedSocket(page, log.welcome(), history=log.history)


def test_a_message_that_is_loaded_is_shown_at_the_top(page):
    lobby_log(page, 60, 25)
    expect(message(page, "number 25")).to_be_in_viewport()
    expect(message(page, "number 60")).not_to_be_in_viewport()
    sought = page.locator("[data-sought]")
    expect(sought).to_contain_text("number 25")
    expect(sought).to_be_focused()


def test_a_message_of_long_ago_is_loaded_with_those_around_it(page):
    socket = lobby_log(page, 2_000, 700)
    expect(message(page, "number 700")).to_be_in_viewport()
    expect(message(page, "number 690")).to_be_attached()
    assert socket.received_of("history")[0]["before"] == 725
    page.evaluate("location.hash = '#m-1990'")
    expect(message(page, "number 1990")).to_be_in_viewport()


def test_a_message_that_does_not_exist_leads_nowhere(page):
    lobby_log(page, 60, 900)
    connected(page)
    expect(message(page, "number 60")).to_be_in_viewport()
    expect(page.locator("[data-sought]")).to_have_count(0)
