"""The room's page, where it needs a browser: what it shows, says aloud, and keeps."""

import pytest
from playwright.sync_api import expect

from tests.browser import Line, a_line, a_welcome, chromium, connected, members, message
from tests.servers import Server


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        yield server
        assert "Traceback" not in server.output


@pytest.fixture
def person(browser, server):
    with members(browser, server) as make:
        yield make


@pytest.fixture
def page(person):
    return person()[0]


def test_a_new_room_is_read_out_from_its_first_message_on(page):
    line = Line(page, a_welcome())
    connected(page)
    log = page.locator("[data-log]")
    expect(log).to_have_attribute("aria-live", "polite")
    line.hear("lines", lines=[a_line(1, "the first")])
    expect(message(page, "the first")).to_be_visible()
    expect(log).to_have_attribute("aria-live", "polite")
