"""The fixed cast: alice and bob have accounts, carol is a guest, and they meet in the lobby."""

import os

import pytest
from hypothesis import settings

from tests.support.browser import chromium, members
from tests.support.services import PostgreSQL, Redis

# The database holds the rules under test, so a slow one must not fail a property by its clock.
settings.register_profile("chatsite", deadline=None)
settings.load_profile("chatsite")

# Playwright's own loop runs in the thread of the test; Django would refuse the database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(config, items):
    """Tests of SQLite's query plans are not for PostgreSQL: they are not even chosen there."""
    if "CHATSITE_TEST_POSTGRESQL" in os.environ:
        chosen = [item for item in items if "only_sqlite" not in item.keywords]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


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
    """Makes people with a page of their own; `server` is the module's."""
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
