"""The places where counters of attempts can be kept. Each has a bound, and drops old counters."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple, Protocol

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F

from chat.models import Counter
from chatsite.logs.causes import describe

KEY_LENGTH = Counter.KEY_LENGTH  # characters
MAX_LOCAL = 50_000  # counters in the memory of a process; then the oldest ones are dropped
MAX_IN_DATABASE = 100_000  # counters in the database; then no more are taken
CLEANING_PAUSE = 10  # seconds between two removals of old counters from the database
CLEANED_AT_ONCE = 2_000  # counters


class CountersAway(Exception):
    """The counters cannot be reached, or there are too many; the text says why."""


class Count(NamedTuple):
    """One counter, and the second at which it is forgotten."""

    key: str
    expires: int


class CounterStore(Protocol):
    """A place for counters. Its methods raise CountersAway."""

    def add(self, counts: list[Count], now: float) -> dict[str, int]:
        """Count one more of each; return what is counted now, by key."""

    def take_back(self, counts: list[Count], now: float) -> None:
        """Count one less of each."""

    def remove(self, keys: Collection[str]) -> None:
        """Forget what was counted under some keys."""


class LocalCounters:
    """Counters in the memory of this process."""

    def __init__(self, most: int = MAX_LOCAL) -> None:
        self._most = most
        self._counters: dict[str, int] = {}  # the oldest first
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._counters)

    def add(self, counts: list[Count], now: float) -> dict[str, int]:
        with self._lock:
            for key, _ in counts:
                self._counters[key] = self._counters.get(key, 0) + 1
            counted = {key: self._counters[key] for key, _ in counts}
            while len(self._counters) > self._most:
                del self._counters[next(iter(self._counters))]
            return counted

    def take_back(self, counts: list[Count], now: float) -> None:
        with self._lock:
            for key, _ in counts:
                if key in self._counters:
                    self._counters[key] -= 1

    def remove(self, keys: Collection[str]) -> None:
        with self._lock:
            for key in keys:
                self._counters.pop(key, None)


class DatabaseCounters:
    """Counters in the table `Counter`. Old ones are removed while new ones are counted."""

    def __init__(self, most: int = MAX_IN_DATABASE) -> None:
        self._most = most
        self._clean_at = 0.0  # by the monotonic clock
        self._full = False

    def add(self, counts: list[Count], now: float) -> dict[str, int]:
        with failures_of("the database", DatabaseError, InterfaceError):
            if time.monotonic() >= self._clean_at:
                self._clean_at = time.monotonic() + CLEANING_PAUSE
                self._clean(now)
            if self._full:
                raise CountersAway(f"there are {self._most} counters in the database")
            return self._add(counts)

    def _clean(self, now: float) -> None:
        old = Counter.objects.filter(expires__lte=now).order_by("expires")
        keys = list(old.values_list("key", flat=True)[:CLEANED_AT_ONCE])
        if keys:
            Counter.objects.filter(key__in=keys).delete()
        self._full = Counter.objects.count() >= self._most

    def _add(self, counts: list[Count]) -> dict[str, int]:
        rows = ", ".join(["(%s, 1, %s)"] * len(counts))
        # Two calls that lock the same rows in the same order cannot wait for each other.
        values = [value for count in sorted(counts) for value in count]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {Counter._meta.db_table} AS counter (key, counted, expires) "
                f"VALUES {rows} ON CONFLICT (key) DO UPDATE SET counted = counter.counted + 1 "
                "RETURNING key, counted",
                values,
            )
            return dict(cursor.fetchall())

    def take_back(self, counts: list[Count], now: float) -> None:
        with failures_of("the database", DatabaseError, InterfaceError):
            for key, _ in counts:  # one by one, so that no two calls wait for each other
                Counter.objects.filter(key=key).update(counted=F("counted") - 1)

    def remove(self, keys: Collection[str]) -> None:
        with failures_of("the database", DatabaseError, InterfaceError):
            Counter.objects.filter(key__in=keys).delete()


@contextmanager
def failures_of(store: str, *errors: type[Exception]) -> Iterator[None]:
    """Raise CountersAway for the errors of a store."""
    try:
        yield
    except errors as error:
        raise CountersAway(f"{store} fails ({describe(error)})") from error
