"""The store of login sessions: Django's table, which is asked only for keys that can exist."""

from django.contrib.sessions.backends import db

MIN_KEY, MAX_KEY = 8, 40  # characters of a session key


class SessionStore(db.SessionStore):
    """Treats a cookie with an impossible key as none.

    A browser may send any text. PostgreSQL refuses to look for some of it, such as NUL.
    """

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key and MIN_KEY <= len(key) <= MAX_KEY and key.isascii() and key.isalnum())
