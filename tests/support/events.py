"""Short forms for tests of security events."""

import sqlite3
from contextlib import closing, contextmanager

import psycopg

from chat.models import SecurityEvent
from tests.support.waiting import PATIENCE


def recorded(*fields):
    """Return the fields of all security events, the oldest first."""
    return list(SecurityEvent.objects.order_by("pk").values_list(*fields))


def new_events():
    """Return (kind, account, by, detail) of all security events, and delete them."""
    found = recorded("kind", "account", "by", "detail")
    SecurityEvent.objects.all().delete()
    return found


def query(url, statement):
    """Return the rows of a statement on the database of a server."""
    with closing(_connect(url)) as connection:
        return connection.execute(statement).fetchall()


@contextmanager
def locked_events(url):
    """Let nobody else write security events; with SQLite, nobody writes anything."""
    with closing(_connect(url)) as connection:
        if url.startswith("sqlite"):
            connection.execute("BEGIN IMMEDIATE")
        else:
            connection.execute("LOCK TABLE chat_securityevent IN EXCLUSIVE MODE")
        yield
        connection.rollback()


def _connect(url):
    if url.startswith("sqlite"):
        return sqlite3.connect(url.removeprefix("sqlite:///"), timeout=PATIENCE)
    return psycopg.connect(url)
