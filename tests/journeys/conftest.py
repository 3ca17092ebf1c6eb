"""The server and the people of the journeys."""

import pytest

from tests.support.servers import Server


@pytest.fixture(scope="module")
def server():
    """A server that all tests of a file share."""
    with Server() as server:
        yield server
        server.assert_no_traceback()


@pytest.fixture
def alice(person):
    """The page and the name of somebody who has signed up."""
    return person("alice")


@pytest.fixture
def bob(person):
    return person("bob")
