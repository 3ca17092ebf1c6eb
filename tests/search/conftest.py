"""Fixtures for the tests of the search: alice and bob are in the lobby, and two rooms of alice."""

import pytest


@pytest.fixture
def stays(lobby, alice, bob, process):
    """The stays of alice, bob and the guest carol."""
    from tests.support.presence import enter

    return enter(lobby, alice, bob, "carol", process=process)


@pytest.fixture
def garden(stays, alice):
    """An open room."""
    from chat.room import creation

    return creation.create(alice, "The Garden")


@pytest.fixture
def cellar(stays, alice):
    """A private room."""
    from chat.room import creation

    return creation.create(alice, "Cellar", private=True)
