"""Password hashes, a few at a time: each takes a good part of a second of a core.

Anybody may ask for one, by signing in under any name. Hundreds at once would leave the event loop
no time for the chat, and hold every database connection that pages have.
"""

import os
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

ADMITTED = 12  # with those that wait; fewer than the database connections of pages
AT_ONCE = min(max(1, (os.cpu_count() or 2) - 1), ADMITTED // 2)
RETRY_AFTER = 5  # seconds

_cores = BoundedSemaphore(AT_ONCE)
_places = BoundedSemaphore(ADMITTED)


class Busy(Exception):
    """Too many wait already."""


@contextmanager
def turn():
    """Wait until one of few turns is free. Raises `Busy` at once where too many wait already."""
    if not _places.acquire(blocking=False):
        raise Busy
    try:
        with _cores:
            yield
    finally:
        _places.release()


class PasswordHasher(PBKDF2PasswordHasher):
    """Django's own, in turns."""

    def encode(self, password, salt, iterations=None):
        with turn():
            return super().encode(password, salt, iterations)


class BusyMiddleware(MiddlewareMixin):
    """Answers with 503 where there was no turn for a password."""

    def process_exception(self, request, exception):
        if not isinstance(exception, Busy):
            return None
        response = render(request, "503.html", status=503)
        response["Retry-After"] = str(RETRY_AFTER)
        return response
