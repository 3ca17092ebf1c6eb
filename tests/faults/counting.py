"""Counts the calls by which server processes read and write their database (scenario F12).

The functions are counted where the product hands them to its database threads, so the counts do not
depend on their SQL. With `tests.faults.settings_counted_calls` a server process
appends a line for each call to the file that COUNTED_CALLS names: how it was handed over, and the
function's full name.
"""

import os
from collections import Counter
from functools import wraps
from pathlib import Path

from django.apps import AppConfig

COUNTED_CALLS = "COUNTED_CALLS"  # the environment variable with the path of the file


class CallCounting(AppConfig):
    """Installs the counting in a server process once its apps are loaded."""

    name = "tests.faults"

    def ready(self):
        """Wrap both methods that run a function on a database thread.

        Raises AttributeError when the product has renamed one of them.
        """
        from chat.live.database import Database

        path = Path(os.environ[COUNTED_CALLS])
        Database.read = _counted(path, Database.read)
        Database.write = _counted(path, Database.write)


def _counted(path, method):
    from chat.room import changes

    @wraps(method)
    async def call(database, function, *arguments):
        # A group commit hands its function over to be called by another one.
        called = arguments[0] if function is changes.collect else function
        with path.open("a", encoding="utf-8") as file:  # short lines are appended as a whole
            file.write(f"{method.__name__} {full_name(called)}\n")
        return await method(database, function, *arguments)

    return call


def full_name(function):
    """Return the name of a function with that of its module."""
    return f"{function.__module__}.{function.__qualname__}"


class CallCount:
    """The calls that all server processes of a scenario have made since a moment."""

    def __init__(self, path):
        self._path = path
        path.touch()
        self.start()

    @property
    def environment(self):
        """The environment variables with which a server counts."""
        return {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings_counted_calls",
            COUNTED_CALLS: str(self._path),
        }

    def start(self):
        """Forget what was counted until now."""
        self._start = self._path.stat().st_size

    def of(self, method, *functions):
        """Return how often any of the functions was handed to `read` or `write`.

        Asserts that there was at least one call. Otherwise the product calls other functions now,
        and the scenario has to be brought up to date.
        """
        with self._path.open(encoding="utf-8") as file:
            file.seek(self._start)
            counts = Counter(file.read().splitlines())
        names = [full_name(function) for function in functions]
        number = sum(counts[f"{method} {name}"] for name in names)
        assert number, f"no {method} of {', '.join(names)} was counted, only {dict(counts)}"
        return number
