"""The fixtures of the tests of the admin site: root is a superuser."""

import pytest
from django.utils import timezone

from chat.models import User
from chat.room import changes
from tests.support.admin import signed_in
from tests.support.log import say
from tests.support.presence import enter


@pytest.fixture
def root(transactional_db):
    return User.objects.create_superuser("root")


@pytest.fixture
def root_client(root):
    """A test client in which root has signed in."""
    return signed_in(root)


@pytest.fixture
def one_day(monkeypatch):
    """Let the clock stand still, so that no day ends while a test runs."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def announced():
    """The ids of the rooms whose changes were announced to their readers, in order."""
    room_ids = []
    changes.listen(room_ids.append)
    yield room_ids
    changes.listen(None)


@pytest.fixture
def conversation(lobby, alice, bob, process):
    """The lobby after five lines: alice and bob enter (1 and 2), then they say 3 to 5."""
    alice_stay, bob_stay = enter(lobby, alice, bob, process=process)
    say(lobby, alice_stay, "good morning", "Ärger in the kitchen")
    say(lobby, bob_stay, "good night")
    return lobby
