"""Accounts: who may have one, how it changes and ends, and whose browser is asking."""

import math
import secrets
import time
from importlib import import_module
from threading import Lock

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.crypto import constant_time_compare, salted_hmac

from chat.models import Connection, Room, User
from chat.names import key_of
from chat.room import presence, transcript

MAX_GUESSES = 10  # wrong passwords for one name from one address, within
GUESSING_WINDOW = 300  # seconds
MAX_GUESSED = 254  # characters of what is typed for a name; more is nobody's


class NameTaken(Exception):
    """The name, or one that looks the same, is somebody's already."""


class NoSuchOffer(Exception):
    """The link that makes the first administrator is wrong, used, or from before a restart."""


class TooManyGuesses(Exception):
    """Too many wrong passwords; `wait` says for how many more seconds none is tried."""

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


def signed_in(session_key):
    """The active user whose browser has that Django session, or None.

    Two queries at most, and none that writes: Django's own `get_user` ends or renews a session
    that it doubts, and no socket may do that to the pages of the same browser.
    """
    if not (session_key and session_key.isascii() and session_key.isalnum()):
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = User.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
    if user and _vouches_for(user, session.get(HASH_SESSION_KEY, "")):
        return user
    return None


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


def change_password(user, password):
    user.set_password(password)
    user.save(update_fields=["password"])


def keep_only(user, session_key, *, was):
    """Close what `user` has open elsewhere; what the session called `was` has open stays.

    For a session that lives on under a new key, as it does when its user changes the password.
    """
    presence.rename_session(user.pk, was, session_key)
    presence.disconnect(user_id=user.pk, only_not=session_key)


def reset_password(user, password):
    """Set a password for somebody who lost it, and close all that is open in their name."""
    change_password(user, password)
    presence.disconnect(user_id=user.pk)


def change_email(user, email):
    user.email = User.objects.normalize_email(email)
    user.save(update_fields=["email"])


def delete(user):
    """Delete an account; what it said stays, by "deleted user".

    The rooms are left first and in a transaction of its own: whoever touches a room locks it
    before all else. From the first step on, no session of theirs opens anything new; who had come
    half-way in at that moment is put out in the next round.
    """
    user.is_active = False
    user.save(update_fields=["is_active"])
    for last in (False, False, True):
        presence.disconnect(user_id=user.pk)
        transcript.forget_author(user)
        try:
            return user.delete()
        except ProtectedError:
            if last:
                raise
    return None


# What administrators do to others

ADMINISTRATORS = {"is_active": True, "is_staff": True, "is_superuser": True}


def is_last_administrator(user):
    """Whether nobody could administrate the site any more without this user."""
    administrators = User.objects.filter(**ADMINISTRATORS)
    return administrators.filter(pk=user.pk).exists() and administrators.count() == 1


def deactivate(user):
    """Bar somebody, and close all that is open in their name. Returns the rooms' ids."""
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


# Guessing passwords


def count_guess(address, name, now=time.time):
    """Count a try to sign in before it is made; raise TooManyGuesses when it must not be."""
    window, since = divmod(now(), GUESSING_WINDOW)
    if _counted(_guesses(address, name, int(window))) > MAX_GUESSES:
        raise TooManyGuesses(math.ceil(GUESSING_WINDOW - since))


def forget_guesses(address, name, now=time.time):
    """The password was right: start from nothing again."""
    cache.delete(_guesses(address, name, int(now() // GUESSING_WINDOW)))


def _guesses(address, name, window):
    # What people type is not a valid cache key; its digest is.
    digest = salted_hmac("guesses", f"{address} {key_of(name[:MAX_GUESSED])}").hexdigest()
    return f"guesses:{window}:{digest}"


def _counted(key):
    cache.add(key, 0, timeout=GUESSING_WINDOW)
    try:
        return cache.incr(key)
    except ValueError:  # put out of a full cache between the two calls
        return 1


def _save(user):
    """Save a new account, unless a guest came in under its name meanwhile.

    Guests enter under the lock of their room, so while we hold all of them none can.
    """
    try:
        with transaction.atomic():
            for room_id in Room.objects.order_by("pk").values_list("pk", flat=True):
                transcript.lock(room_id)
            if is_taken(user.username):
                raise NameTaken(user.username)
            user.save()
            return user
    except IntegrityError:
        raise NameTaken(user.username) from None


def _vouches_for(user, session_hash):
    """Whether the session was made with the user's present password, under a key still valid."""
    current = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(session_hash, one) for one in current)
