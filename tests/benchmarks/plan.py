"""The options of a run, and the services that candidates use."""

import sys
import time
from contextlib import ExitStack

from tests.support.databases import unused_redis_database
from tests.support.services import PostgreSQL, Redis


class Plan:
    """The options of a run. Use it as a context manager: services end with it.

    `rounds` and `seconds` (of each phase) have defaults that depend on `quick`. `original` is the
    command of the original server, `before` the folder of another version of this site. `lines` is
    the length of a log, for benchmarks that fill one of a length that can be chosen, and
    `sanctions` how many the database of this version has, for benchmarks of what moderation costs.
    """

    def __init__(
        self,
        *,
        quick=False,
        rounds=None,
        seconds=None,
        original=None,
        before=None,
        lines=None,
        sanctions=0,
    ):
        self.quick = quick
        self.rounds = rounds or (1 if quick else 2)
        self.seconds = seconds or (0.5 if quick else 1.5)
        self.original = original
        self.before = before
        self.lines = lines
        self.sanctions = sanctions
        self._start = time.monotonic()
        self._stack = ExitStack()
        self._postgresql = self._redis = None

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._stack.close()

    def say(self, text):
        """Print progress."""
        minutes, seconds = divmod(int(60 * self.minutes), 60)
        print(f"{minutes:02}:{seconds:02} {text}", file=sys.stderr, flush=True)

    @property
    def minutes(self):
        """Minutes since the start."""
        return (time.monotonic() - self._start) / 60

    @property
    def has_services(self):
        """True if PostgreSQL and Redis are installed."""
        return PostgreSQL.available() and Redis.available()

    def services(self):
        """Return the options of a candidate on PostgreSQL and Redis."""
        if self._postgresql is None:
            self._postgresql = self._stack.enter_context(PostgreSQL())
        return {"postgresql": self._postgresql.url, **self.bus()}

    def bus(self):
        """Return the options of a candidate on an unused database of Redis."""
        if self._redis is None:
            self._redis = self._stack.enter_context(Redis())
        return {"REDIS_URL": unused_redis_database(self._redis.url)}
