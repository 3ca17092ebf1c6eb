"""The connections of the backend. Django loads this module by its name."""

import contextlib
import os
import stat
from pathlib import Path

from django.db.backends.sqlite3 import base

SUFFIXES = ("", "-wal", "-shm", "-journal")  # of the files of one database
PRIVATE = stat.S_IRUSR | stat.S_IWUSR


class DatabaseWrapper(base.DatabaseWrapper):
    """Makes the files of the database private before it opens them.

    SQLite gives its other files the permissions of the database. Without this class the first
    `migrate` would create all of them readable for every user of the machine.
    """

    def get_new_connection(self, conn_params):
        make_private(conn_params["database"])
        return super().get_new_connection(conn_params)


def make_private(database: str | os.PathLike) -> None:
    """Create the file of a database if it is missing, and take all rights from other users.

    Errors are left to SQLite, which reports them when it opens the file. Files of another user
    stay as they are.
    """
    path = os.fspath(database)
    if path.startswith("file:") or path == ":memory:":
        return
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, PRIVATE))
    for suffix in SUFFIXES:
        with contextlib.suppress(OSError):
            _take_rights_of_others(Path(path + suffix))


def _take_rights_of_others(file: Path) -> None:
    mode = file.stat().st_mode
    if stat.S_ISREG(mode) and stat.S_IMODE(mode) & ~PRIVATE:
        file.chmod(mode & PRIVATE)
