"""Fixtures for the tests of server processes: a room of two members, and no looks of their own."""

import pytest


@pytest.fixture
def garden(lobby, alice, bob):
    """An open room of alice and bob."""
    from chat.room import creation, membership

    room = creation.create(alice, "Garden")
    membership.join(room.pk, bob)
    return room


@pytest.fixture
def own_looks(monkeypatch):
    """Let processes look only when a test says so, or their looks come between its steps."""
    from chat.live import timing

    monkeypatch.setattr(timing, "WATCH", 3600)
    monkeypatch.setattr(timing, "POLL", 3600)


@pytest.fixture
def no_pause(monkeypatch):
    """Let each look tell what it finds, however soon after the one before."""
    from chat.live import timing

    monkeypatch.setattr(timing, "ACTIVITY", 0)
