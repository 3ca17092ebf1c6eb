"""Fixtures for all tests: services, browsers, and a fixed cast of people in the lobby."""

import os
import shutil
import time
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from tests.support import starts
from tests.support.browser import chromium, members
from tests.support.databases import (
    POSTGRESQL,
    copied_database,
    is_one_of_several,
    migrated_database,
    migrated_file,
    remove_folder_of_run,
)
from tests.support.services import PostgreSQL, Redis

# Properties are checked against the database, and on machines with other work. Their speed must not
# fail them.
settings.register_profile("chatsite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chatsite")

# Playwright runs an event loop in the thread of the test, where Django refuses the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# Tests that use these fixtures are slow.
SLOW_FIXTURES = {"browser", "play"}
# The tests of these folders use no database, or always the same one.
SAME_ON_EVERY_DATABASE = (
    *("benchmarks", "faults", "js", "markup", "names", "views/room_page", "wire"),
)


def pytest_configure(config):
    if not is_one_of_several():
        config.option.testrunuid = config.option.testrunuid or uuid4().hex


def pytest_unconfigure(config):
    if not is_one_of_several():
        remove_folder_of_run(config.option.testrunuid)


collect_ignore = list(SAME_ON_EVERY_DATABASE) if POSTGRESQL else []


def pytest_collection_modifyitems(config, items):
    """Mark slow tests, and deselect those that say nothing about the database in use."""
    for item in items:
        if SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    left_out = [item for item in items if not is_for_this_database(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if is_for_this_database(item)]


def is_for_this_database(item):
    others = {"only_sqlite", "same_on_every_database"} if POSTGRESQL else {"only_postgresql"}
    return not others & item.keywords.keys()


@pytest.fixture(scope="session", autouse=True)
def quick_starts():
    """Fork the processes that tests start, instead of loading the libraries for each of them."""
    starts.fork_from_now_on()
    yield
    starts.stop_warm_python()


@pytest.fixture(scope="session", autouse=True)
def quick_emptying():
    from tests.support import emptying

    emptying.empty_tables_quickly()


@pytest.fixture(scope="session", autouse=True)
def much_time():
    """Let nothing in the process of the tests end because the machine has other work."""
    from tests.support import patience

    patience.give_time()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, django_db_keepdb, tmp_path_factory
):
    """Keep the database of SQLite, with the files that stay beside it, out of the code's folder.

    Each process that runs tests has a folder of its own, and its own copy of a database.
    """
    from django.db import connections

    from tests.support.patience import give_database_time

    database = connections["default"].settings_dict
    give_database_time(database)
    folder = tmp_path_factory.mktemp("database")
    path = folder / "test.sqlite3"
    if not POSTGRESQL:
        database["TEST"]["NAME"] = str(path)
        if django_db_keepdb:
            shutil.copyfile(migrated_file(), path)
    elif django_db_keepdb:
        url = copied_database(POSTGRESQL, migrated_database(POSTGRESQL))
        database["TEST"]["NAME"] = url.rpartition("/")[2]
    yield
    if POSTGRESQL:
        connections["default"].close_pool()  # whose threads would keep the process
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb(quick_starts):
    """Whether the tables exist: several processes copy them, because creating them takes longer."""
    return is_one_of_several()


@pytest.fixture(autouse=True)
def no_refusals():
    """Begin without used up budgets of attempts; the counts themselves go with the tables.

    Counters that failed in the test before are asked again.
    """
    from chat.accounts import budgets, counters

    budgets.refusals.clear()
    counters.shared.cache_clear()


@pytest.fixture
def one_window(monkeypatch):
    """Count all attempts of a test together, also when a window of the clock ends meanwhile."""
    from chat.accounts.budgets import Budget, Count

    begun, count_at = time.time(), Budget.count_at

    def count_at_begin(budget, now):
        key, expires = count_at(budget, begun)
        return Count(key, expires + budget.limit.window)

    monkeypatch.setattr(Budget, "count_at", count_at_begin)


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


@pytest.fixture(autouse=True)
def no_earlier_events():
    """Let no security event of another test count as an earlier repeat."""
    from chat.accounts import events

    events.forget()


@pytest.fixture
def failing_once(monkeypatch):
    """Make the next attempt to end connections fail, as if a room stayed locked for too long."""
    from django.db import OperationalError

    from chat.room import presence

    def fail_once(*args):
        monkeypatch.undo()
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(presence, "expire", fail_once)


@pytest.fixture
def upload_folder(settings, tmp_path):
    """The folder in which files are stored."""
    from chatsite.file_storage import private_folder

    folder = tmp_path / "files"
    settings.STORAGES = {**settings.STORAGES, "uploads": private_folder(folder)}
    return folder


@pytest.fixture
def mailbox():
    """The mails that are sent in the background. Each test has a queue of its own."""
    from chat.accounts.mail_queue import mails
    from tests.support.mails import sent_mails

    mails.cache_clear()
    yield sent_mails
    sent_mails()  # the thread must not use the database of the next test


@pytest.fixture
def hold_first(settings):
    """Let the first message of each account wait for a moderator, and all of guests."""
    from chat.room import newcomers

    settings.HOLD_FIRST = 1
    newcomers.known.clear()
