"""Access keys: made on the account page, and typed in a terminal as `login NAME KEY`.

A key is shown once and kept as a digest. It is random enough that nobody can guess it, so it needs
no slow hash. Source: chat/wire/README.md, D5.
"""

from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256

from django.utils import timezone
from django.utils.crypto import get_random_string

from chat.accounts import events, throttling
from chat.accounts.events import NOBODY, Kind, Requester
from chat.models import AccessKey, User
from chat.models.access_key import MAX_KEY_NAME, SESSION_PREFIX
from chat.names.access_keys import KEY_CHARACTERS, KEY_LENGTH, KEY_PREFIX
from chat.names.keys import key_of
from chat.names.rooms import one_line
from chat.room import connections
from chat.room.refusal import RefusalCode, Refused

MAX_KEYS = 20  # of one account
USE_SAVED_AFTER = timedelta(minutes=1)  # since the last use; most sign-ins then write nothing


def create(user: User, name: str, requester: Requester = NOBODY) -> str:
    """Make a key of an account, and return it. It cannot be read again.

    `name` says where it is used. Raises `Refused` for a name that is empty or too long, and for
    more than `MAX_KEYS` keys.
    """
    name = one_line(name)
    if not 0 < len(name) <= MAX_KEY_NAME:
        raise Refused(RefusalCode.BAD_NAME)
    if AccessKey.objects.filter(user=user).count() >= MAX_KEYS:
        raise Refused(RefusalCode.NOT_ALLOWED)
    key = KEY_PREFIX + get_random_string(KEY_LENGTH, KEY_CHARACTERS)
    AccessKey.objects.create(user=user, name=name, digest=_digest(key), created=timezone.now())
    events.record(Kind.KEY_CREATED, requester, user, name)
    return key


def revoke(user: User, key_id: int, requester: Requester = NOBODY) -> None:
    """Delete a key of an account, and end the connections that were opened with it.

    A key that the account does not have is ignored.
    """
    found = AccessKey.objects.filter(user=user, pk=key_id).first()
    if found is not None:
        session_key, name = found.session_key, found.name
        found.delete()
        connections.disconnect(user_id=user.pk, session_key=session_key)
        events.record(Kind.KEY_REVOKED, requester, user, name)


def revoke_all(user: User) -> None:
    """Delete all keys of an account, whose connections have ended before."""
    AccessKey.objects.filter(user=user).delete()


def of_account(user: User) -> list[AccessKey]:
    """Return the keys of an account, the newest first."""
    return list(AccessKey.objects.filter(user=user).order_by("-pk"))


# Signing in


def sign_in(name: str, key: str, requester: Requester) -> AccessKey | None:
    """Return the key of the account `name` that somebody has typed; None if it is wrong.

    Wrong keys count for the address. Raises `throttling.TooManyAttempts`; a door answers it like a
    wrong key. Records a security event for each of them.
    """
    try:
        take_count_back = throttling.count_key_check(requester.address)
    except throttling.TooManyAttempts as error:
        events.record(Kind.THROTTLED, requester, name, error.limit)
        raise
    found = find(name, key)
    if found is None:
        events.record(Kind.SIGN_IN_FAILED, requester, name, "access key")
    else:
        take_count_back()
        events.record(Kind.SIGNED_IN, requester, found.user, f"access key {found.name}")
    return found


def find(name: str, key: str) -> AccessKey | None:
    """Return a key of the active account that somebody has named, or None.

    One statement looks for the digest, whether or not there is such an account. So the time of the
    answer does not tell which names are taken.
    """
    keys = AccessKey.objects.filter(digest=_digest(key), user__is_active=True)
    found = keys.select_related("user").first()
    if found is None or (name != found.user.username and key_of(name) != found.user.key):
        return None
    _note_use(found)
    return found


def living(session_keys: Collection[str]) -> set[str]:
    """Return those `session_key`s whose access key exists, and whose account is active."""
    ids = [key.removeprefix(SESSION_PREFIX) for key in session_keys]
    if not ids:
        return set()
    found = AccessKey.objects.filter(pk__in=ids, user__is_active=True)
    return {key.session_key for key in found}


def _note_use(key):
    now = timezone.now()
    if key.last_used is None or now - key.last_used > USE_SAVED_AFTER:
        AccessKey.objects.filter(pk=key.pk).update(last_used=now)


def _digest(key):
    return sha256(key.encode("utf-8", "replace")).hexdigest()
