"""The first administrator, who is created through a link that the server prints at its start."""

import secrets
from threading import Lock

from django.utils.crypto import constant_time_compare

from chat.accounts import events, lifecycle
from chat.accounts.events import NOBODY, Kind, Requester
from chat.models import User

_token: str | None = None
_lock = Lock()


class InvalidToken(Exception):
    """The token is wrong, was used already, or was issued before a restart."""


def issue_token() -> str | None:
    """Return a new token that lets its holder create the first administrator, once.

    None when there is any account. The token is kept in the memory of this process only, so it
    becomes invalid with a restart.
    """
    global _token
    with _lock:
        _token = None if User.objects.exists() else secrets.token_urlsafe(24)
        return _token


def is_valid(token: str) -> bool:
    """Return whether a token can be used.

    Worker processes share the token of the process that started them. It becomes invalid in all of
    them as soon as there is a superuser.
    """
    return (
        _token is not None
        and constant_time_compare(token, _token)
        and not User.objects.filter(is_superuser=True).exists()
    )


def create(
    token: str, username: str, password: str, email: str = "", requester: Requester = NOBODY
) -> User:
    """Create the first administrator, under any name. Raises InvalidToken, or NameTaken.

    The token stays valid after NameTaken.
    """
    global _token
    with _lock:
        if not is_valid(token):
            raise InvalidToken
        if lifecycle.is_taken(username):
            raise lifecycle.NameTaken(username)
        user = User(
            username=username,
            email=User.objects.normalize_email(email),
            is_staff=True,
            is_superuser=True,
        )
        user.set_password(password)
        lifecycle.save_new(user)
        _token = None
        events.record(Kind.ACCOUNT_CREATED, requester, user, "first administrator")
        return user
