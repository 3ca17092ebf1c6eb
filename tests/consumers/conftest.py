"""The fixtures of the tests of both consumers: one server, and signed-in members for each test."""

from itertools import islice

import pytest

from tests.support.delivery import web_members
from tests.support.servers import Server


@pytest.fixture(scope="module")
def server():
    with Server(CSRF_TRUSTED_ORIGINS="https://chat.example.org,https://*.example.net") as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture(scope="module")
def strangers(server):
    """More signed-in members than the tests of one module need."""
    return iter(web_members(server, 100))


@pytest.fixture
def members(strangers):
    """Return a function that makes signed-in members of this test only."""

    def take(number):
        taken = list(islice(strangers, number))
        return taken[0] if number == 1 else taken

    return take
