"""The connections of the backend. Django loads this module by its name."""

import contextlib
import os
import sqlite3
import stat
from pathlib import Path
from time import monotonic, sleep

from django.db.backends.sqlite3 import base

SUFFIXES = ("", "-wal", "-shm", "-journal")  # of the files of one database
PRIVATE = stat.S_IRUSR | stat.S_IWUSR

FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.01  # seconds between attempts to get a lock
PAUSE_GROWTH = 0.02  # seconds for each second that the lock has been waited for
# The codes when another connection has a lock. SQLITE_BUSY_SNAPSHOT is left out, because waiting
# does not help against it.
WAITS = sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY


class DatabaseWrapper(base.DatabaseWrapper):
    """Makes the files of the database private, and waits for locks without starving.

    SQLite gives its other files the permissions of the database. Without this class the first
    `migrate` would create all of them readable for every user of the machine.
    """

    def get_new_connection(self, conn_params):
        create_private(conn_params["database"])
        connection = super().get_new_connection(conn_params)
        # SQLite reads the file here. A file that is no database keeps its rights: the path may be
        # a mistake, and name a file that others need.
        journal_mode = connection.execute("PRAGMA journal_mode").fetchone()
        make_private(conn_params["database"])
        # `PatientCursor` waits for the write lock. On file systems that can have no write-ahead
        # log, a commit waits for readers too.
        if journal_mode == ("wal",):
            connection.execute("PRAGMA busy_timeout = 0")
        return connection

    def create_cursor(self, name=None):
        cursor = self.connection.cursor(factory=PatientCursor)
        cursor.timeout = self.settings_dict["OPTIONS"].get("timeout", 5)
        return cursor


class PatientCursor(base.SQLiteCursorWrapper):
    """Tries a statement again at short intervals while another connection has the lock.

    SQLite's own waiting sleeps longer and longer, up to 100 ms. The lock has no queue, so a process
    that saves one batch after the other nearly always takes it in the meantime: with two workers
    and commits of 15 ms, the other one waits for more than a second now and then.
    """

    timeout = 5  # seconds

    def execute(self, query, params=None):
        started = monotonic()
        while True:
            # Measured before the attempt: a process that was stopped during it tries once more.
            waited = monotonic() - started
            try:
                return super().execute(query, params)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode not in WAITS or waited >= self.timeout:
                    raise
            sleep(min(FIRST_PAUSE + waited * PAUSE_GROWTH, LONGEST_PAUSE))


def create_private(database: str | os.PathLike) -> None:
    """Create the file of a database if it is missing, for its owner alone.

    Errors are left to SQLite, which reports them when it opens the file.
    """
    if _is_file(database):
        with contextlib.suppress(OSError):
            flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC
            os.close(os.open(database, flags, PRIVATE))


def make_private(database: str | os.PathLike) -> None:
    """Take all rights on the files of a database from other users.

    Files of another user stay as they are.
    """
    if _is_file(database):
        for suffix in SUFFIXES:
            with contextlib.suppress(OSError):
                _take_rights_of_others(Path(os.fspath(database) + suffix))


def _is_file(database):
    name = os.fspath(database)
    return not name.startswith("file:") and name != ":memory:"


def _take_rights_of_others(file: Path) -> None:
    mode = file.stat().st_mode
    if stat.S_ISREG(mode) and stat.S_IMODE(mode) & ~PRIVATE:
        file.chmod(mode & PRIVATE)
