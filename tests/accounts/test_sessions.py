"""Login sessions: the users that they belong to, and what ends with them."""

from importlib import import_module

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from chat.accounts import lifecycle, sessions
from chat.models import User
from tests.support.accounts import NEW_PASSWORD, PASSWORD, browser_of, session_key_of, user_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_user_of_a_session_is_found_in_two_queries(alice, django_assert_num_queries):
    key = session_key_of(alice)

    with django_assert_num_queries(2):
        assert user_of(key) == alice


@pytest.mark.parametrize("key", [None, "", "x" * 32, "a\0b", "é" * 32, "x' OR 1=1"])
def test_an_unknown_session_key_has_no_user(key):
    assert user_of(key) is None


def test_a_session_that_has_signed_out_has_no_user(alice):
    browser = browser_of(alice)
    key, other_key = browser.session.session_key, session_key_of(alice)
    browser.post("/accounts/logout/")

    assert user_of(key) is None
    assert user_of(other_key) == alice


def test_a_session_of_a_deactivated_user_has_no_user(alice):
    key = session_key_of(alice)
    User.objects.update(is_active=False)

    assert user_of(key) is None


def test_a_session_from_before_a_new_password_has_no_user_and_is_not_deleted(alice):
    key = session_key_of(alice)
    lifecycle.set_password(alice, NEW_PASSWORD)

    assert user_of(key) is None
    assert import_module(django_settings.SESSION_ENGINE).SessionStore().exists(key)


def test_the_sessions_without_a_signed_in_user_are_found_in_two_queries(
    alice, bob, client, django_assert_num_queries
):
    dora, eve = (lifecycle.sign_up(name, PASSWORD) for name in ("dora", "eve"))
    desk, phone, of_bob, of_dora, of_eve, expired = map(
        session_key_of, (alice, alice, bob, dora, eve, alice)
    )
    client.session.save()
    anonymous = client.session.session_key
    lifecycle.set_password(bob, NEW_PASSWORD)
    User.objects.filter(pk=dora.pk).update(is_active=False)
    User.objects.filter(pk=eve.pk).delete()
    Session.objects.filter(pk=expired).update(expire_date=timezone.now())
    ended = {of_bob, of_dora, of_eve, expired, anonymous, "x" * 32}

    with django_assert_num_queries(2):
        assert sessions.not_signed_in([desk, phone, *ended]) == ended
    assert Session.objects.filter(pk__in=ended).count() == len(ended) - 1


def test_an_empty_list_of_session_keys_gives_an_empty_result():
    assert sessions.not_signed_in([]) == set()


def test_impossible_session_keys_do_not_affect_the_others(alice):
    key = session_key_of(alice)
    impossible = ["", "\0", "a" * 9 + "\0", "é" * 32, "x" * 10_000, "' OR 1=1 --", "\ud800"]

    assert sessions.users_of([*impossible, key]) == {key: alice}
    assert sessions.not_signed_in([*impossible, key]) == set(impossible)


def test_a_session_made_under_a_former_secret_key_is_valid_until_that_key_is_dropped(
    alice, settings
):
    key = session_key_of(alice)
    # The session's contents are signed too, and the former key keeps them readable at first.
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, long enough to be one, for the test of rotation"

    assert user_of(key) == alice
    assert not sessions.not_signed_in([key])
    settings.SECRET_KEY_FALLBACKS = []
    assert user_of(key) is None
    assert sessions.not_signed_in([key]) == {key}
