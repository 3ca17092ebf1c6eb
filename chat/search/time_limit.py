"""The time that a search may take in the database."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

LONGEST = 2.0  # seconds
STEPS_PER_LOOK = 20_000  # of SQLite's program, some milliseconds
CANCELED = "57014"  # PostgreSQL's code


class TooSlow(Exception):
    """A statement was ended, because it took too long."""


@contextmanager
def limited() -> Iterator[None]:
    """Let each statement take `LONGEST` at most. Raises `TooSlow`."""
    if connection.vendor == "postgresql":
        with _ended_by_postgresql():
            yield
    else:
        with _ended_by_us():
            yield


@contextmanager
def _ended_by_postgresql():
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {LONGEST * 1000:.0f}")
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == CANCELED:
            raise TooSlow from error
        raise


@contextmanager
def _ended_by_us():
    """SQLite asks us now and then whether to go on."""
    deadline = time.monotonic() + LONGEST
    connection.ensure_connection()
    database = connection.connection
    database.set_progress_handler(lambda: time.monotonic() > deadline, STEPS_PER_LOOK)
    try:
        yield
    except OperationalError as error:
        if time.monotonic() > deadline and "interrupted" in str(error):
            raise TooSlow from error
        raise
    finally:
        database.set_progress_handler(None, 0)
