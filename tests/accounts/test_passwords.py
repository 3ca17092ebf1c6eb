"""Passwords that can be typed in several ways: OpaqueString of RFC 8265."""

import asyncio
import time
import unicodedata

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from hypothesis import given

from chat.accounts import first_administrator, lifecycle
from chat.models import User
from chat.models.passwords import MAX_PASSWORD, opaque
from tests.support.accounts import browser_of, new_password_form, sign_up_form
from tests.support.names import anything

COMPOSED = "très Übergrößen 7"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
WAYS_TO_TYPE = [
    COMPOSED,
    DECOMPOSED,
    COMPOSED.replace(" ", "\u00a0"),
    DECOMPOSED.replace(" ", "\u3000"),
    COMPOSED.replace(" ", "\u202f"),
]
OTHER_PASSWORDS = ["tres Übergrößen 7", COMPOSED.upper(), COMPOSED + " ", COMPOSED.replace(" ", "")]

pytestmark = pytest.mark.django_db(transaction=True)


def can_sign_in(password, username="alice"):
    return authenticate(username=username, password=password) is not None


def assert_each_way_works(username="alice"):
    assert all(can_sign_in(password, username) for password in WAYS_TO_TYPE)
    assert not any(can_sign_in(password, username) for password in OTHER_PASSWORDS)


@pytest.fixture(params=[COMPOSED, DECOMPOSED, WAYS_TO_TYPE[3]])
def password(request):
    """The password as it was typed when it was set."""
    return request.param


def test_a_password_that_was_set_when_signing_up_can_be_typed_in_each_way(client, password):
    client.post("/accounts/signup/", sign_up_form(password1=password, password2=COMPOSED))
    assert_each_way_works()


def test_a_password_that_was_changed_can_be_typed_in_each_way(alice, password):
    form = new_password_form(password1=password, password2=DECOMPOSED)
    browser_of(alice).post("/accounts/password/", form)
    assert_each_way_works()
    for typed in WAYS_TO_TYPE:
        browser = browser_of(alice, typed)
        response = browser.post("/accounts/email/", {"email": "a@example.org", "password": typed})
        assert response.status_code == 302


def test_a_password_that_was_set_by_a_function_can_be_typed_in_each_way(alice, password):
    lifecycle.set_password(alice, password)
    assert_each_way_works()
    assert asyncio.run(User.objects.get().acheck_password(DECOMPOSED))


def test_the_password_of_the_first_administrator_can_be_typed_in_each_way(password):
    first_administrator.create(first_administrator.issue_token(), "alice", password)
    assert_each_way_works()


def test_a_password_that_was_set_at_the_console_can_be_typed_in_each_way(monkeypatch, password):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    call_command("createsuperuser", username="alice", email="", interactive=False)
    assert_each_way_works()

    monkeypatch.setattr("getpass.getpass", lambda prompt: password + "!")
    call_command("changepassword", "alice")
    assert can_sign_in(COMPOSED + "!")
    assert can_sign_in(DECOMPOSED + "!")


def test_a_password_that_was_set_in_the_admin_site_can_be_typed_in_each_way(alice, password):
    User.objects.create_superuser("root", password="a root of all")
    browser = Client()
    browser.login(username="root", password="a root of all")
    form = {"password1": password, "password2": password, "usable_password": "true"}
    browser.post(f"/admin/chat/user/{alice.pk}/password/", {**form, "set-password": "1"})
    browser.post("/admin/chat/user/add/", {**form, "username": "bob"})
    assert_each_way_works("alice")
    assert_each_way_works("bob")


@pytest.mark.parametrize("stored", WAYS_TO_TYPE)
def test_an_older_password_is_right_as_it_was_typed_when_it_was_set(alice, stored):
    User.objects.update(password=make_password(stored))
    assert can_sign_in(stored)
    assert not any(map(can_sign_in, OTHER_PASSWORDS))


def test_an_older_password_that_is_not_allowed_any_more_is_right(alice):
    for stored in ("tab\tbed", "é" * (MAX_PASSWORD + 1), "é\x07\u200b", "👩\u200d🚀é"):
        User.objects.update(password=make_password(stored))
        assert can_sign_in(stored)
        assert not can_sign_in(stored + "x")


@pytest.mark.parametrize(
    ("guess", "hashes"),
    [("wrong", 1), ("falsché", 1), (unicodedata.normalize("NFD", "falsché"), 2)],
)
def test_only_a_guess_in_an_unusual_form_costs_a_second_hash(
    alice, settings, monkeypatch, guess, hashes
):
    settings.PASSWORD_HASHERS = ["chat.accounts.hashing.LimitedPasswordHasher"]
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1)
    lifecycle.set_password(alice, COMPOSED)
    encode, computed = PBKDF2PasswordHasher.encode, []

    def count(self, *args):
        computed.append(args)
        return encode(self, *args)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", count)
    assert not can_sign_in(guess)
    assert len(computed) == hashes


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("correct\thorse", "cannot contain the character U+0009"),
        ("corréct\u200bhorse", "cannot contain the character U+200B"),
        ("correct\U000e0001horse", "cannot contain the character U+E0001"),
        ("corréct" * MAX_PASSWORD, "too long"),
    ],
)
def test_a_new_password_that_cannot_be_normalized_is_refused(client, password, sentence):
    form = sign_up_form(password1=password, password2=password)
    errors = client.post("/accounts/signup/", form).context["form"].errors

    assert list(errors) == ["password1"]
    assert sentence in errors["password1"][0]


def test_the_length_of_a_password_does_not_depend_on_how_it_is_typed(client):
    short = unicodedata.normalize("NFD", "éèêëé")  # ten code points
    response = client.post("/accounts/signup/", sign_up_form(password1=short, password2=short))

    assert "too short" in str(response.context["form"].errors["password1"])


def test_a_huge_password_is_judged_quickly(alice):
    marks = "é" + "\u0301\u0316" * 500_000
    started = time.thread_time()
    assert not can_sign_in(marks)
    with pytest.raises(ValidationError):
        validate_password(marks)
    assert time.thread_time() - started < 2


@given(anything)
def test_the_stored_form_of_a_password_is_its_own_stored_form(text):
    assert opaque(opaque(text)) == opaque(text)
    if opaque(text) != text:
        assert opaque(unicodedata.normalize("NFD", text)) == opaque(text)


def test_an_account_without_a_password_stays_without_one(alice):
    lifecycle.set_password(alice, None)
    assert not alice.has_usable_password()
    assert not any(alice.check_password(typed) for typed in (None, "", "é", "e\u0301"))
