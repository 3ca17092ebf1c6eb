"""Login sessions: the users that they belong to, and the connections that they have open."""

from collections.abc import Collection, Iterable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chat.accounts import access_keys
from chat.models import Connection, User
from chat.models.access_key import SESSION_PREFIX
from chat.room import connections

MAX_KEYS_AT_ONCE = 200  # session keys in one query


class RenewedSession(NamedTuple):
    """The key that a session had, and the key that it has now."""

    old_key: str
    new_key: str


def users_of(session_keys: Iterable[str | None]) -> dict[str, User]:
    """Return {session key: the active user who is signed in with it}.

    At most `MAX_KEYS_AT_ONCE` keys. A browser may send any text as a session key. Makes at most two
    queries, and none that writes: Django's own `get_user` ends or renews a session in some cases,
    and a socket must not do that to the pages of the same browser.
    """
    asked = {key for key in session_keys if key and key.isascii() and key.isalnum()}
    store = import_module(settings.SESSION_ENGINE).SessionStore
    living = store.get_model_class().objects.filter(
        session_key__in=asked, expire_date__gt=timezone.now()
    )
    rows = living.values_list("session_key", "session_data")
    contents = {key: store().decode(data) for key, data in rows}
    ids = {key: _user_id(session) for key, session in contents.items()}
    users = User.objects.filter(pk__in={pk for pk in ids.values() if pk}, is_active=True)
    active = {str(user.pk): user for user in users}
    return {
        key: active[pk]
        for key, pk in ids.items()
        if pk in active and _is_valid_for(active[pk], contents[key])
    }


def not_signed_in(session_keys: Collection[str]) -> set[str]:
    """Return those of the session keys with which no active user is signed in.

    At most `MAX_KEYS_AT_ONCE` keys. Server processes call this regularly, because sessions expire,
    and because code that ends a session may fail before it ends the session's connections.

    Connections that were opened with an access key have its `session_key`. `users_of` finds nobody
    for it: a browser could send it.
    """
    by_access_key = {key for key in session_keys if key.startswith(SESSION_PREFIX)}
    in_browsers = set(session_keys) - by_access_key
    signed_in = users_of(in_browsers).keys() | access_keys.living(by_access_key)
    return set(session_keys) - signed_in


def end_all(users: Iterable[User]) -> None:
    """Sign users out everywhere: delete their sessions. Their connections are not ended here.

    Django's table does not say to whom a session belongs, so this reads all sessions that have not
    expired, some 20,000 a second. Do it once for many users, and not while rooms are locked.
    """
    ids = {str(user.pk) for user in users}
    store = import_module(settings.SESSION_ENGINE).SessionStore
    sessions = store.get_model_class().objects
    living = sessions.filter(expire_date__gt=timezone.now()).order_by()
    decode = store().decode
    ended = [
        key
        for key, data in living.values_list("session_key", "session_data").iterator()
        if decode(data).get(SESSION_KEY) in ids
    ]
    for start in range(0, len(ended), MAX_KEYS_AT_ONCE):
        sessions.filter(session_key__in=ended[start : start + MAX_KEYS_AT_ONCE]).delete()


def disconnect_ended_session(session_key: str | None, user_id: int | None = None) -> None:
    """End the connections of a browser whose session has just ended.

    Django gives a session a new key when the site's secret key has changed. Connections that were
    opened under the old key are found through their user: their session does not exist any more.
    """
    if session_key:
        connections.disconnect(session_key=session_key)
    if user_id:
        used = Connection.objects.filter(presence__user_id=user_id).exclude(session_key="")
        used = used.exclude(session_key__startswith=SESSION_PREFIX)
        keys = set(used.values_list("session_key", flat=True))
        living = Session.objects.filter(pk__in=keys).values_list("pk", flat=True)
        for ended in keys.difference(living):
            connections.disconnect(user_id=user_id, session_key=ended)


def disconnect_others(user: User, renewed: RenewedSession) -> None:
    """End the connections of `user`, except those of a session that goes on under a new key."""
    connections.rename_session(user.pk, renewed.old_key, renewed.new_key)
    connections.disconnect(user_id=user.pk, except_session=renewed.new_key)


def _user_id(session: Mapping[str, Any]) -> str | None:
    """Return the id of the user who has signed in with a session; None when nobody has."""
    known = session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    return session.get(SESSION_KEY) if known else None


def _is_valid_for(user: User, session: Mapping[str, Any]) -> bool:
    """Return whether a session is from the user's present password and a valid secret key."""
    session_hash = session.get(HASH_SESSION_KEY, "")
    current = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(session_hash, valid) for valid in current)
