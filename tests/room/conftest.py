"""Fixtures for the tests of rooms: rooms of alice, connections, a message, and a third account."""

import pytest

from tests.support import full_size


def pytest_addoption(parser):
    full_size.add_option(parser)


@pytest.fixture
def carol(transactional_db):
    from chat.models import User

    return User.objects.create_user("carol")


@pytest.fixture
def garden(lobby, alice):
    """An open room."""
    from chat.room import creation

    return creation.create(alice, "The Garden")


@pytest.fixture
def cellar(lobby, alice):
    """A private room."""
    from chat.room import creation

    return creation.create(alice, "Cellar", private=True)


@pytest.fixture
def seat(lobby, alice, process):
    """The id of alice's connection."""
    from tests.support.uploads import seat_of

    return seat_of(alice, process)


@pytest.fixture
def stays(garden, alice, bob, carol, process):
    """The stays of alice, who owns the garden, and of bob and carol, who are members of it."""
    from chat.room import membership
    from tests.support.presence import enter

    for person in (bob, carol):
        membership.join(garden.pk, person)
    return enter(None, alice, bob, carol, process=process)


@pytest.fixture
def said(garden, stays):
    """The number of a message of bob's in the garden."""
    from tests.support.presence import say

    return say(garden, stays[1], "hello world").seq
