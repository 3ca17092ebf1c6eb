"""The counters of attempts, which all processes of the site share.

They are kept in Redis if there is one, else in the database. While these are away, or hold too many
counters, each process counts for itself. A count that is lost only lets somebody try more often.
"""

import logging
import time
from collections.abc import Collection, Iterable
from functools import cache
from threading import Lock

from django.conf import settings

from chat.accounts.counter_stores import (
    KEY_LENGTH,
    Count,
    CountersAway,
    CounterStore,
    DatabaseCounters,
    LocalCounters,
)

__all__ = ["KEY_LENGTH", "Count", "SharedCounters", "add", "remove", "shared", "take_back"]

logger = logging.getLogger(__name__)

RETRY_PAUSE = 5  # seconds between a failure of the shared counters and the next attempt


def add(counts: Iterable[Count], now: float) -> dict[str, int]:
    """Count one more of each; return what is counted now, by key."""
    return shared().add(list(counts), now)


def take_back(counts: Iterable[Count], now: float) -> None:
    """Count one less of each."""
    shared().take_back(list(counts), now)


def remove(keys: Collection[str]) -> None:
    """Forget what was counted under some keys."""
    shared().remove(keys)


class SharedCounters:
    """Counts in a store that all processes share, and in this process while the store is away."""

    def __init__(self, store: CounterStore, retry_pause: float = RETRY_PAUSE) -> None:
        self._store = store
        self._local = LocalCounters()
        self._retry_pause = retry_pause
        self._away = False
        self._retry_at = 0.0  # by the monotonic clock
        self._lock = Lock()

    def add(self, counts: list[Count], now: float) -> dict[str, int]:
        if self._may_ask():
            try:
                counted = self._store.add(counts, now)
                self._note_back()
                return counted
            except CountersAway as error:
                self._note_away(error)
        return self._local.add(counts, now)

    def take_back(self, counts: list[Count], now: float) -> None:
        self._local.take_back(counts, now)
        if self._may_ask():
            try:
                self._store.take_back(counts, now)
            except CountersAway as error:
                self._note_away(error)

    def remove(self, keys: Collection[str]) -> None:
        self._local.remove(keys)
        if self._may_ask():
            try:
                self._store.remove(keys)
            except CountersAway as error:
                self._note_away(error)

    def _may_ask(self) -> bool:
        """Return whether the store is there, or was away for so long that it is asked again.

        One caller at a time asks a store that was away, because it may answer slowly.
        """
        if not self._away:
            return True
        with self._lock:
            if time.monotonic() < self._retry_at:
                return False
            self._retry_at = time.monotonic() + self._retry_pause
            return True

    def _note_away(self, error: CountersAway) -> None:
        with self._lock:
            was_away, self._away = self._away, True
            self._retry_at = time.monotonic() + self._retry_pause
        if not was_away:
            logger.warning("Attempts are counted by each process for itself: %s", error)

    def _note_back(self) -> None:
        if self._away:
            with self._lock:
                was_away, self._away = self._away, False
            if was_away:
                logger.info("Attempts are counted for all processes together again")


@cache
def shared() -> SharedCounters:
    """Return the counters of this process's site."""
    return SharedCounters(_store(settings.COUNTERS_REDIS_URL))


def _store(redis_url: str) -> CounterStore:
    if not redis_url:
        return DatabaseCounters()
    from chat.accounts.redis_counters import RedisCounters

    return RedisCounters(redis_url)
