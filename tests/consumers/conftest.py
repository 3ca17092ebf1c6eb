"""The fixtures of the tests of both consumers: one server, and signed-in members for each test."""

from itertools import islice

import pytest

from chat.accounts import access_keys
from chat.models import Room
from chat.room import creation
from tests.support.delivery import web_members
from tests.support.servers import Server


@pytest.fixture(scope="module")
def server():
    origins = "https://chat.example.org,https://*.example.net"
    with Server(CSRF_TRUSTED_ORIGINS=origins, FLOOD_LIMIT="off") as server:
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


@pytest.fixture
def garden(lobby, alice):
    """An open room for guests too, whose owner is alice."""
    room = creation.create(alice, "Rose Garden", topic="Roses")
    Room.objects.filter(pk=room.pk).update(guests_allowed=True)
    return room


@pytest.fixture
def cellar(lobby, alice):
    """A private room, whose owner is alice."""
    return creation.create(alice, "Cellar", private=True)


@pytest.fixture
def keys(alice, bob):
    """The access keys of alice and bob, by name."""
    return {user.username: access_keys.create(user, "terminal") for user in (alice, bob)}
