"""A limit on the password hashes that are computed at the same time.

A hash keeps a processor core busy for a good part of a second, and anybody can cause one by trying
to sign in under any name. Hundreds at once would leave the event loop no time for the chat, and
would hold all database connections of the pages.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import PBKDF2PasswordHasher

MAX_ADMITTED = 12  # running and waiting; fewer than the database connections of the pages
MAX_RUNNING = min(max(1, (os.cpu_count() or 2) - 1), MAX_ADMITTED // 2)


class TooManyHashes(Exception):
    """As many hashes wait already as may wait."""


class HashingLimit:
    """Lets `running` callers work at the same time, and refuses more than `admitted` in all."""

    def __init__(self, running: int, admitted: int) -> None:
        self._running = BoundedSemaphore(running)
        self._admitted = BoundedSemaphore(admitted)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait until the caller may work. Raises TooManyHashes at once if too many wait."""
        if not self._admitted.acquire(blocking=False):
            raise TooManyHashes
        try:
            with self._running:
                yield
        finally:
            self._admitted.release()


limit = HashingLimit(MAX_RUNNING, MAX_ADMITTED)


class LimitedPasswordHasher(PBKDF2PasswordHasher):
    """Django's default hasher, within `limit`."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Return the encoded hash. Raises TooManyHashes."""
        with limit.slot():
            return super().encode(password, salt, iterations)
