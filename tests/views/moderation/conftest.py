"""A room of alice with a message of bob, and a moderator of the site."""

import pytest

from chat.models import User
from chat.room import creation, membership
from tests.support.admin import signed_in
from tests.support.presence import enter, say


@pytest.fixture
def carol(transactional_db):
    return User.objects.create_user("carol")


@pytest.fixture
def warden(transactional_db):
    """A moderator of the site."""
    return User.objects.create_user("warden", is_staff=True)


@pytest.fixture
def garden(lobby, alice, bob, carol):
    """An open room of alice, in which bob and carol are members."""
    room = creation.create(alice, "Garden")
    for person in (bob, carol):
        membership.join(room.pk, person)
    return room


@pytest.fixture
def said(garden, bob, process):
    """The number of a message of bob in the garden."""
    (stay,) = enter(None, bob, process=process)
    return say(garden, stay, "buy <b>this</b>").seq


@pytest.fixture
def owner(alice):
    """The browser of alice."""
    return signed_in(alice)


@pytest.fixture
def staff(warden):
    """The browser of the moderator of the site."""
    return signed_in(warden)
