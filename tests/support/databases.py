"""Databases for the servers of tests. Tables are made once and then copied, which is faster."""

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import psycopg
import redis
from psycopg import sql

from chatsite.service_urls import MAX_REDIS_DATABASE
from tests.support.commands import SECRET_KEY, run_command
from tests.support.waiting import wait_until

# The services of `tests.with_services`.
POSTGRESQL = os.environ.get("CHATSITE_TEST_POSTGRESQL", "")
REDIS = os.environ.get("CHATSITE_TEST_REDIS", "")
RUN = "PYTEST_XDIST_TESTRUNUID"  # the variable with the name of a run, in each of its processes


@cache
def migrated_file():
    """Return the path of an SQLite database that has all tables and nothing else."""
    return Path(made_once("SQLite", _migrated_file))


def _migrated_file():
    path = folder_of_run() / "migrated.sqlite3"
    migrate(f"sqlite:///{path}")
    return str(path)


@cache
def migrated_database(service):
    """Return the name of a PostgreSQL database that has all tables and nothing else.

    `service` is the URL of any database of the same cluster.
    """
    return made_once(f"PostgreSQL {service}", lambda: _migrated_database(service))


def _migrated_database(service):
    url = copied_database(service, "template1")
    migrate(url)
    return url.rpartition("/")[2]


def made_once(what, make):
    """Return the text that `make()` returns. The processes of a run share it."""
    path = folder_of_run() / f"{sha256(what.encode()).hexdigest()}.txt"
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        text = file.read()
        if not text:
            text = make()
            file.write(text)
        return text


def is_one_of_several():
    """Return whether this process runs tests beside others."""
    return RUN in os.environ


@cache
def folder_of_run():
    """Return a temporary folder that the processes of one run of the tests share."""
    if not is_one_of_several():
        return lasting_folder()
    folder = Path(tempfile.gettempdir(), f"chatsite-{os.environ[RUN]}")
    folder.mkdir(exist_ok=True)
    return folder


def remove_folder_of_run(run):
    """Remove the folder, when all processes have ended."""
    shutil.rmtree(Path(tempfile.gettempdir(), f"chatsite-{run}"), ignore_errors=True)


def lasting_folder():
    """Return a new temporary folder, which is removed when this process ends."""
    folder = tempfile.TemporaryDirectory(prefix="chatsite-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def copied_database(service, template):
    """Copy the database `template` in the cluster of the URL `service`; return the copy's URL."""
    name = f"copy_{uuid4().hex}"
    copying = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )

    def is_copied():
        # PostgreSQL may not have noticed yet that the last process has left the template.
        with suppress(psycopg.errors.ObjectInUse):
            connection.execute(copying)
            return True

    with psycopg.connect(service, autocommit=True) as connection:
        wait_until(is_copied, f"somebody uses {template}")
    return f"{service.rpartition('/')[0]}/{name}"


def create_tables(url):
    """Create all tables in a database, unless it has them."""
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite") and not path.exists():
        shutil.copyfile(migrated_file(), path)
    elif not has_tables(url):
        migrate(url)


def has_tables(url):
    """Return whether a PostgreSQL database was copied from one that has tables."""
    if url.startswith("sqlite"):
        return False
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT to_regclass('django_migrations')").fetchone() != (None,)


def migrate(url):
    """Bring the tables of a database up to date."""
    environment = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}
    status, printed = run_command("migrate", "--verbosity", "0", **environment)
    assert status == 0, printed


def unused_redis_database(service=REDIS):
    """Return the URL of the database of a Redis that was given longest ago.

    Without a Redis it is empty: servers need none.

    The Redis itself counts them (in its database 0), because several test processes share it. The
    site uses the 16 databases that every Redis has, so they are given again in turn. Servers on one
    database only look for new lines more often.
    """
    if not service:
        return ""
    with redis.Redis.from_url(service) as connection:
        number = connection.incr("databases given")
    url = f"{service.rpartition('/')[0]}/{1 + number % MAX_REDIS_DATABASE}"
    with redis.Redis.from_url(url) as connection:
        # Attempts that an earlier server has counted here would be added to those of the next one.
        for key in connection.scan_iter("chatsite:count:*"):
            connection.delete(key)
    return url
