"""The messages of a newcomer wait for a moderator: in a browser, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import assert_accessible
from tests.support.browser import connected, field, message, say
from tests.support.room_setup import run_code
from tests.support.servers import Server


@pytest.fixture(scope="module")
def server():
    with Server(HOLD_FIRST="3") as server:
        yield server
        server.assert_no_traceback()


def decide(server, call):
    run_code(server, f"from tests.support.holding import refuse, release\n{call}")


def test_a_newcomer_sees_that_messages_wait_and_what_was_decided(server, alice, bob):
    (a, _), (b, _) = alice, bob
    for text in ("first words", "buy this"):
        say(a, text)
        item = a.locator("[data-state=held]", has_text=text)
        expect(item).to_contain_text("Waiting for approval")
    a.reload()
    connected(a)
    expect(a.locator("[data-state=held]")).to_have_count(2)

    decide(server, "release('first words')")
    expect(message(b, "first words")).to_be_visible()
    expect(a.locator("[data-state=sent]", has_text="first words")).to_be_visible()
    decide(server, "refuse('buy this', 'No advertisements')")
    refused = a.locator("[data-state=refused]", has_text="buy this")
    expect(refused).to_contain_text("A moderator has refused it: No advertisements")
    expect(refused.get_by_role("button", name="Try again")).to_be_hidden()
    say(a, "and one more")
    expect(a.locator("[data-state=held]", has_text="and one more")).to_be_visible()
    assert_accessible(a)
    refused.get_by_role("button", name="Discard").click()
    expect(refused).to_have_count(0)
    expect(field(a)).to_be_editable()
    a.reload()
    connected(a)
    expect(message(a, "first words")).to_be_visible()
    expect(message(a, "buy this")).to_have_count(0)
    expect(message(b, "buy this")).to_have_count(0)


def test_a_page_without_javascript_says_that_a_message_waits(server, browser, alice):
    page, _ = alice
    context = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(f"{server.url}/r/lobby/files/")
    plain.get_by_label("Message", exact=True).fill("without scripts")
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_role("status")).to_contain_text("waits for approval")
    page.reload()
    expect(page.locator("[data-state=held]", has_text="without scripts")).to_be_visible()
    context.close()
