"""Accounts: who may have one, how it changes and ends, and whose browser is asking."""

import math
import secrets
import time
from contextlib import suppress
from importlib import import_module
from ipaddress import IPv6Network, ip_address
from threading import Lock

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from chat.models import Connection, User
from chat.names import key_of
from chat.room import presence, transcript

MAX_GUESSES = 10  # wrong passwords for one name from one address in a window
GUESSING_WINDOW = 300  # seconds
MAX_SIGN_UPS = 50  # accounts made from one address in a window
SIGN_UP_WINDOW = 3600  # seconds
MAX_GUESSED = 254  # characters of what is typed for a name; more is nobody's
SITE = 64  # bits of an IPv6 address that whoever has it does not choose
CHECKED_AT_ONCE = 200  # sessions


class NameTaken(Exception):
    """The name, or one that looks the same, is somebody's already."""


class NoSuchOffer(Exception):
    """The link that makes the first administrator is wrong, used, or from before a restart."""


class TooMany(Exception):
    """Too many wrong passwords or new accounts; `wait` says for how many seconds more."""

    def __init__(self, wait):
        super().__init__(wait)
        self.wait = wait


def sign_up(username, password, email=""):
    """Make an account; raise NameTaken when somebody was faster, or is here under that name."""
    if is_taken(username):
        raise NameTaken(username)
    user = User(username=username, email=User.objects.normalize_email(email))
    user.set_password(password)  # takes long: not while the rooms are locked
    return _save(user)


def is_taken(username):
    """Whether an account has that name, or a guest in the room holds it right now."""
    key = key_of(username)
    return User.objects.filter(key=key).exists() or presence.name_in_use(key)


def unsigned(session_keys):
    """Which of the session keys are not of an active user who is signed in, as a set.

    At most `CHECKED_AT_ONCE`. Whoever ends sessions closes their sockets afterwards, and may fail
    at that; others expire. Nobody else would notice.
    """
    return set(session_keys) - users_of(session_keys).keys()


def users_of(session_keys):
    """{session key: the active user whose browser has it}, of at most `CHECKED_AT_ONCE`.

    Browsers may send anything for a key. Two queries at most, and none that writes: Django's own
    `get_user` ends or renews a session that it doubts, and no socket may do that to the pages of
    the same browser.
    """
    asked = {key for key in session_keys if key and key.isascii() and key.isalnum()}
    store = _store()
    living = store.get_model_class().objects.filter(
        session_key__in=asked, expire_date__gt=timezone.now()
    )
    rows = living.values_list("session_key", "session_data")
    sessions = {key: store().decode(data) for key, data in rows}
    ids = {key: _user_id(session) for key, session in sessions.items()}
    users = User.objects.filter(pk__in=set(ids.values()) - {None}, is_active=True)
    active = {str(user.pk): user for user in users}
    return {
        key: active[pk] for key, pk in ids.items() if _vouches_for(active.get(pk), sessions[key])
    }


def signed_out(session_key, user_id=None):
    """Close what the browser with that session, which has just ended, has open.

    Django gives a session a new key when the site's secret key was changed. Sockets that were
    opened under the old one are found by their user, and by having no session any more.
    """
    if session_key:
        presence.disconnect(session_key=session_key)
    if user_id:
        used = Connection.objects.filter(presence__user_id=user_id).exclude(session_key="")
        keys = set(used.values_list("session_key", flat=True))
        living = Session.objects.filter(pk__in=keys).values_list("pk", flat=True)
        for ended in keys.difference(living):
            presence.disconnect(user_id=user_id, session_key=ended)


def change_password(user, password, renew):
    """Set a new password, and close what `user` has open elsewhere: all of it, or nothing.

    `renew` makes the session of the browser that asks live on; it returns the key that the session
    had and the one that it has now.
    """
    user.set_password(password)  # takes long: not while the rooms are locked
    with transaction.atomic():
        transcript.lock_all()
        user.save(update_fields=["password"])
        was, session_key = renew()
        keep_only(user, session_key, was=was)


def keep_only(user, session_key, *, was):
    """Close what `user` has open elsewhere; what the session called `was` has open stays.

    For a session that lives on under a new key, as it does when its user changes the password.
    """
    presence.rename_session(user.pk, was, session_key)
    presence.disconnect(user_id=user.pk, only_not=session_key)


def reset_password(user, password):
    """Set a password for somebody who lost it, and close all that is open in their name."""
    user.set_password(password)  # takes long: not while the rooms are locked
    with transaction.atomic():
        transcript.lock_all()
        user.save(update_fields=["password"])
        presence.disconnect(user_id=user.pk)


def change_email(user, email):
    user.email = User.objects.normalize_email(email)
    user.save(update_fields=["email"])


def delete(user):
    """Delete an account; what it said stays, by "deleted user".

    The rooms are left first and in a transaction of its own: whoever touches a room locks it
    before all else. From then on no session of theirs opens anything new; should somebody activate
    the account meanwhile, who comes in is put out in the next round.

    When it fails the account is as active as it was: its owner can sign in, and repeat it. What was
    forgotten by then stays forgotten.
    """
    was_active = user.is_active
    try:
        for last in (False, False, True):
            deactivate(user)
            transcript.forget_author(user)
            try:
                return user.delete()
            except ProtectedError:
                if last:
                    raise
    except BaseException:
        if was_active:
            with suppress(DatabaseError):  # then an administrator has to repeat it
                activate(user)
        raise
    return None


# What administrators do to others

ADMINISTRATORS = {"is_active": True, "is_staff": True, "is_superuser": True}


def is_last_administrator(user):
    """Whether nobody could administrate the site any more without this user."""
    administrators = User.objects.filter(**ADMINISTRATORS)
    return administrators.filter(pk=user.pk).exists() and administrators.count() == 1


def deactivate(user):
    """Bar somebody, and close all that is open in their name: both, or nothing.

    Returns the ids of the rooms in which there was any.
    """
    with transaction.atomic():
        transcript.lock_all()
        user.is_active = False
        user.save(update_fields=["is_active"])
        return presence.disconnect(user_id=user.pk)


def activate(user):
    user.is_active = True
    user.save(update_fields=["is_active"])


# The first administrator

_offer = None
_offering = Lock()


def offer_first_administrator():
    """A new token with which somebody may become the first administrator, once.

    None when there is any account. It is kept in this process's memory alone, so a restart ends
    it.
    """
    global _offer
    with _offering:
        _offer = None if User.objects.exists() else secrets.token_urlsafe(24)
        return _offer


def is_offered(token):
    """Whether a token is good. Several processes may hold the same offer: one takes it up."""
    return (
        _offer is not None
        and constant_time_compare(token, _offer)
        and not User.objects.filter(is_superuser=True).exists()
    )


def make_first_administrator(token, username, password):
    """Take up the offer; raise NoSuchOffer, or NameTaken, which leaves the offer open."""
    global _offer
    with _offering:
        if not is_offered(token):
            raise NoSuchOffer
        if is_taken(username):
            raise NameTaken(username)
        user = User(username=username, is_staff=True, is_superuser=True)
        user.set_password(password)
        _save(user)
        _offer = None
        return user


# Tries that are counted


def count_guess(address, name, now=time.time):
    """Count a try to sign in before it is made; raise TooMany when it must not be."""
    _count(_guesses(address, name), MAX_GUESSES, GUESSING_WINDOW, now())


def forget_guesses(address, name, now=time.time):
    """The password was right: start from nothing again."""
    cache.delete(_in_window(_guesses(address, name), GUESSING_WINDOW, now()))


def count_sign_up(address, now=time.time):
    """Count an account before it is made; raise TooMany when it must not be."""
    _count(_sign_ups(address), MAX_SIGN_UPS, SIGN_UP_WINDOW, now())


def forget_sign_up(address, now=time.time):
    """The account that was counted was not made after all."""
    with suppress(ValueError):
        cache.decr(_in_window(_sign_ups(address), SIGN_UP_WINDOW, now()))


def _guesses(address, name):
    # Forms strip what is typed, and so do we: room for more before the name would hide it from us.
    return f"guesses {_site(address)} {key_of(name.strip()[:MAX_GUESSED])}"


def _sign_ups(address):
    return f"sign-ups {_site(address)}"


def _count(what, most, seconds, now):
    """Count one more in the present window of so many seconds; raise TooMany above `most`."""
    key = _in_window(what, seconds, now)
    cache.add(key, 0, timeout=seconds)
    try:
        counted = cache.incr(key)
    except ValueError:  # put out of a full cache between the two calls
        return
    if counted > most:
        raise TooMany(math.ceil(seconds - now % seconds))


def _in_window(what, seconds, now):
    # What people type is not a valid cache key; its digest is.
    return f"{int(now // seconds)}:{salted_hmac('counted', what).hexdigest()}"


def _site(address):
    """What all addresses that one guesser has at hand have in common.

    Whoever has an IPv6 address has, as a rule, the 2**64 that begin like it (RFC 6177).
    """
    try:
        parsed = ip_address(address)
    except ValueError:  # a Unix socket's peer has none
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), SITE), strict=False))


def _save(user):
    """Save a new account, unless a guest came in under its name meanwhile.

    Guests enter under the lock of their room, so while we hold all of them none can.
    """
    try:
        with transaction.atomic():
            transcript.lock_all()
            if is_taken(user.username):
                raise NameTaken(user.username)
            user.save()
            return user
    except IntegrityError:
        raise NameTaken(user.username) from None


def _store():
    return import_module(settings.SESSION_ENGINE).SessionStore


def _user_id(session):
    """The id, as a text, of who has signed in with a session; None when nobody has."""
    known = session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    return session.get(SESSION_KEY) if known else None


def _vouches_for(user, session):
    """Whether the session was made with the user's present password, under a key still valid."""
    if user is None:
        return False
    session_hash = session.get(HASH_SESSION_KEY, "")
    current = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(session_hash, one) for one in current)
