"""New databases for benchmarks, which are removed afterwards."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.commands import SECRET_KEY
from tests.support.services import PostgreSQL
from tests.support.starts import PROJECT


class SQLite:
    """A temporary folder of SQLite files, with the methods of the tests' `PostgreSQL`."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="chatsite-")
        return self

    def __exit__(self, *exc_info):
        self._folder.cleanup()

    def create_database(self, name):
        """Return the URL of a new, empty database."""
        return f"sqlite:///{Path(self._folder.name) / name}.sqlite3"


ENGINES = {"SQLite": SQLite, "PostgreSQL": PostgreSQL}


def environment(url):
    """Return the environment of a process that uses a database without Redis."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": "",
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_HOSTS": "localhost",
    }


def python(url, *arguments):
    """Run Python on a database until it ends. Return what it printed."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=environment(url),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
