"""The file of an SQLite database, as it is found before SQLite opens it.

Nothing here opens the file. When any descriptor of a file is closed, the process loses all of its
POSIX locks on that file, also those of SQLite's connections. Another process would then believe
that nobody uses the database, and delete its write-ahead log.
"""

import os
import pwd
import shutil
from pathlib import Path

LEAST_SPACE = 1 << 20  # bytes


def find_problem(path: str) -> str | None:
    """Return why the file at a path cannot be the database, to be continued after its name.

    A file that is missing or empty is no problem: SQLite makes a database of it.
    """
    file = Path(path)
    try:
        file.stat()
    except PermissionError:  # of a folder on the way
        return f"cannot be used by {_user()}, who may not enter its folder"
    except OSError:
        pass  # of a file that is missing, for one
    if file.is_dir():
        return "is a folder"
    if not file.parent.is_dir():
        return f"cannot be created, because there is no folder {file.parent}"
    if not os.access(file.parent, os.R_OK | os.W_OK | os.X_OK):
        return f"cannot be used by {_user()}, who may not write in its folder"
    if not file.exists():
        return None
    if not file.is_file():
        return "is not a file"
    for one in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        if one.exists() and not os.access(one, os.R_OK | os.W_OK):
            reason = "" if one is file else f", because {one.name} beside it cannot"
            return f"cannot be read and written by {_user()}{reason}"
    # SQLite would delete the write-ahead log, which may hold all that there is.
    log = Path(f"{file}-wal")
    if not file.stat().st_size and log.exists() and log.stat().st_size:
        return f"is empty, but {log.name} beside it is not"
    return None


def is_disk_full(path: str) -> bool:
    """Return whether the disk with the file of a database has hardly any space left."""
    return shutil.disk_usage(Path(path).parent).free < LEAST_SPACE


def _user():
    number = os.geteuid()
    try:
        return f"the user {pwd.getpwuid(number).pw_name}"
    except KeyError:  # as in some containers
        return f"the user with the id {number}"
