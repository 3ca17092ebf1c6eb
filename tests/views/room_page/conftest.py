"""The server and the pages for the tests of the room page."""

import json

import pytest

from tests.support.browser import connected, members
from tests.support.scripted_changes import ScriptedChanges
from tests.support.servers import Server

ACCOUNTS = 400  # more than all tests need, which may run in one process


@pytest.fixture(scope="package")
def server():
    """A server that publishes the scripts as one file, which loads in two thirds of the time."""
    with Server("serve") as server:
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
def page(request, person):
    """The room page of one person; with the mark `scripted`, their page that is still empty."""
    return person(opened=request.node.get_closest_marker("scripted") is None)[0]


@pytest.fixture
def socket(request, page):
    """The socket of a page in the lobby with the `LINES` of the test's file, which are changed."""
    socket = ScriptedChanges(page, request.module.LINES)
    connected(page)
    return socket
