"""A limit on the password hashes that are computed at the same time.

A hash keeps a processor core busy for a good part of a second, and anybody can cause one by trying
to sign in under any name. Hundreds at once would leave the event loop no time for the chat, and
would hold all database connections of the pages.

A hash needs a place. Each client has a few, so that one client cannot take those of all others, and
waits a little for one of its own.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from threading import BoundedSemaphore, Condition

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import close_old_connections, connection

MAX_ADMITTED = 12  # running and waiting; fewer than the database connections of the pages
MAX_RUNNING = min(max(1, (os.cpu_count() or 2) - 1), MAX_ADMITTED // 2)
PATIENCE = 3  # seconds that a client waits for a place
MAX_WAITING = 100  # callers that wait for a place
WAITING_FOR_PLACE = 5  # callers of one client, for each place that it may have

# The client of hashes that no stranger can cause, such as those of staff in the admin site.
TRUSTED = "trusted"


class TooManyHashes(Exception):
    """As many hashes wait already as may wait."""


class TooManyHashesOfClient(TooManyHashes):
    """The client itself has taken all places that it may have."""


class HashingLimit:
    """Lets `running` callers hash at the same time, and gives out `admitted` places in all."""

    def __init__(self, running: int, admitted: int, patience: float = PATIENCE) -> None:
        self._running = BoundedSemaphore(running)
        self._admitted = admitted
        self._patience = patience
        self._taken: Counter[str] = Counter()  # places, by client
        self._waiting: Counter[str] = Counter()
        self._changed = Condition()
        self._has_place: ContextVar[bool] = ContextVar("has_place", default=False)

    @property
    def waiting(self) -> int:
        """The number of callers that wait for a place."""
        return self._waiting.total()

    @contextmanager
    def place(self, client: str, most: int) -> Iterator[None]:
        """Hold one of the `most` places of a client, for one hash after another.

        Raises TooManyHashes when none becomes free in time, as TooManyHashesOfClient if the client
        has taken them. While it waits, it holds no connection to the database.
        """
        with self._held(client, most):
            token = self._has_place.set(True)
            try:
                yield
            finally:
                self._has_place.reset(token)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait until the caller may hash. A caller without a place takes one for the time."""
        has_place = self._has_place.get()
        place = nullcontext() if has_place else self._held(TRUSTED, self._admitted)
        with place, self._running:
            yield

    @contextmanager
    def _held(self, client, most):
        self._take(client, most)
        try:
            yield
        finally:
            with self._changed:
                _decrease(self._taken, client)
                self._changed.notify_all()

    def _take(self, client, most):
        if self._take_free(client, most):
            return
        if not connection.in_atomic_block:
            close_old_connections()
        with self._changed:
            if self._waiting[client] >= WAITING_FOR_PLACE * most or self.waiting >= MAX_WAITING:
                raise self._refusal(client, most)
            self._waiting[client] += 1
            try:
                if not self._changed.wait_for(
                    lambda: self._take_free(client, most), self._patience
                ):
                    raise self._refusal(client, most)
            finally:
                _decrease(self._waiting, client)

    def _refusal(self, client, most):
        is_own = self._taken[client] >= most
        return TooManyHashesOfClient() if is_own else TooManyHashes()

    def _take_free(self, client, most):
        """Take a place if one is free; return whether it was."""
        with self._changed:
            is_free = self._taken[client] < most and self._taken.total() < self._admitted
            if is_free:
                self._taken[client] += 1
            return is_free


def _decrease(counter, key):
    counter[key] -= 1
    if not counter[key]:
        del counter[key]


limit = HashingLimit(MAX_RUNNING, MAX_ADMITTED)


class LimitedPasswordHasher(PBKDF2PasswordHasher):
    """Django's default hasher, within `limit`."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Return the encoded hash. Raises TooManyHashes."""
        with limit.slot():
            return super().encode(password, salt, iterations)
