"""The databases that benchmarks measure on: new ones, which are gone afterwards."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.commands import PROJECT, SECRET_KEY
from tests.support.services import PostgreSQL


class SQLite:
    """A temporary folder of SQLite files; offers what the PostgreSQL of the tests does."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="chatsite-")
        return self

    def __exit__(self, *exc_info):
        self._folder.cleanup()

    def create_database(self, name):
        """A new, empty database; its URL."""
        return f"sqlite:///{Path(self._folder.name) / name}.sqlite3"


ENGINES = {"SQLite": SQLite, "PostgreSQL": PostgreSQL}


def environment(url):
    """What a process must see to run on a database, as the site runs alone."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": "",
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_HOSTS": "localhost",
    }


def python(url, *arguments, **more):
    """Run Python on a database, to its end, with more in its environment; what it has printed."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=environment(url) | more,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
