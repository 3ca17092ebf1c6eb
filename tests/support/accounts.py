"""Helpers for tests of accounts and of the account pages, with Django's test client."""

from django.test import Client

from chat.accounts import sessions
from chat.models import Connection

PASSWORD = "wonderland 7"  # alice's, see tests/conftest.py
NEW_PASSWORD = "battery staple 7"


def browser_of(user, password=PASSWORD):
    """Return a test client in which `user` has signed in with a password."""
    browser = Client()
    assert browser.login(username=user.username, password=password)
    return browser


def session_key_of(user):
    """Return the key of a new session in which `user` has signed in."""
    browser = Client()
    browser.force_login(user)
    return browser.session.session_key


def user_of(session_key):
    """Return the user who is signed in with a session, or None."""
    return sessions.users_of([session_key]).get(session_key)


def sign_up_form(**changes):
    """Return the fields of the sign-up form, with which alice signs up."""
    fields = {"username": "alice", "password1": PASSWORD, "password2": PASSWORD}
    return {**fields, **changes}


def new_password_form(**changes):
    """Return the fields of the form with which alice changes her password."""
    fields = {"password": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return {**fields, **changes}


def open_connections():
    """Return the ids of all connections."""
    return set(Connection.objects.values_list("pk", flat=True))
