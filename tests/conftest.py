"""Fixtures for all tests: services, browsers, and a fixed cast of people in the lobby."""

import os

import pytest
from hypothesis import settings

from tests.support.browser import chromium, members
from tests.support.databases import POSTGRESQL
from tests.support.services import PostgreSQL, Redis

# Properties are checked against the database, whose speed must not fail them.
settings.register_profile("chatsite", deadline=None)
settings.load_profile("chatsite")

# Playwright runs an event loop in the thread of the test, where Django refuses the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# Tests that use these fixtures are slow.
SLOW_FIXTURES = {"browser", "play"}
# The tests of these folders use no database, or always the same one.
SAME_ON_EVERY_DATABASE = ("benchmarks", "faults", "js", "names", "views/room_page", "wire")

collect_ignore = list(SAME_ON_EVERY_DATABASE) if POSTGRESQL else []


def pytest_collection_modifyitems(config, items):
    """Mark slow tests. Under `tests.with_services`, deselect what depends on no database."""
    for item in items:
        if SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    if POSTGRESQL:
        left_out = [item for item in items if not depends_on_the_database(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if depends_on_the_database(item)]


def depends_on_the_database(item):
    return not {"only_sqlite", "same_on_every_database"} & item.keywords.keys()


@pytest.fixture(scope="session")
def postgresql():
    with PostgreSQL() as service:
        yield service


@pytest.fixture(scope="session")
def redis():
    with Redis() as service:
        yield service


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def person(browser, server):
    """A function that makes people with pages of their own on the module's `server`."""
    with members(browser, server) as make:
        yield make


@pytest.fixture
def lobby(transactional_db):
    from chat.models import Room

    return Room.first()


@pytest.fixture
def alice(transactional_db):
    from chat.models import User

    return User.objects.create_user("alice", password="wonderland 7")


@pytest.fixture
def bob(transactional_db):
    from chat.models import User

    return User.objects.create_user("bob", password="builder's yard")


@pytest.fixture
def process(transactional_db):
    """The id of a server process."""
    from chat.room import processes

    return processes.register("here", 1, "then")


@pytest.fixture
def failing_once(monkeypatch):
    """Make the next attempt to end connections fail, as if a room stayed locked for too long."""
    from django.db import OperationalError

    from chat.room import presence

    def fail_once(*args):
        monkeypatch.undo()
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(presence, "expire", fail_once)
