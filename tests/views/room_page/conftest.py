"""The server and the pages for the tests of the room page."""

import json

import pytest

from tests.support.browser import members
from tests.support.servers import Server

ACCOUNTS = 400  # more than all tests need, which may run in one process


@pytest.fixture(scope="package")
def server():
    with Server() as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture(scope="package")
def accounts(server):
    """Accounts that are made all at once, because signing up takes as long as most tests here."""
    return iter(json.loads(server.python("-m", "tests.support.make_members", str(ACCOUNTS))))


@pytest.fixture
def person(browser, server, accounts):
    """Make people, each with the room page in a browser of their own."""
    with members(browser, server, accounts) as make:
        yield make


@pytest.fixture
def page(person):
    """The room page of one person."""
    return person()[0]
