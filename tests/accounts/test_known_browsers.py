"""Known browsers of an account."""

import pytest
from django.core import signing

from chat.accounts import known_browsers, lifecycle
from chat.accounts.known_browsers import KNOWN_FOR, identify, remembered
from chat.models import User
from tests.support.accounts import NEW_PASSWORD, PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["alice", "Alice", " аlice"])
def test_a_browser_is_known_for_the_account_that_signed_in(alice, name):
    assert identify(remembered(alice, ""), name.strip())


def test_each_browser_has_its_own_id(alice):
    assert identify(remembered(alice, ""), "alice") != identify(remembered(alice, ""), "alice")


def test_a_browser_is_known_for_several_accounts(alice, bob):
    cookie = remembered(bob, remembered(alice, ""))

    assert identify(cookie, "alice")
    assert identify(cookie, "bob")
    assert remembered(alice, cookie).count("|") == 1  # alice has one token, not two


def test_a_cookie_holds_few_accounts_and_stays_short(alice):
    cookie = remembered(alice, "")
    for number in range(10):
        cookie = remembered(User(pk=1000 + number, username="x", password="hash"), cookie)

    assert cookie.count("|") == known_browsers.MAX_ACCOUNTS - 1
    assert len(cookie) < known_browsers.MAX_COOKIE
    assert identify(cookie, "alice") is None


def test_a_cookie_is_worthless_for_another_account(alice, bob):
    assert identify(remembered(bob, ""), "alice") is None


def test_a_cookie_is_worthless_for_a_later_account_of_the_same_name(alice):
    cookie = remembered(alice, "")
    alice.delete()
    User.objects.create_user("alice", password=PASSWORD)

    assert identify(cookie, "alice") is None


def test_a_cookie_is_worthless_after_a_change_of_the_password(alice):
    cookie = remembered(alice, "")
    lifecycle.set_password(alice, NEW_PASSWORD)

    assert identify(cookie, "alice") is None
    assert identify(remembered(alice, cookie), "alice")


def test_a_cookie_is_worthless_once_it_is_old(alice, monkeypatch):
    cookie = remembered(alice, "")
    issued = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: issued + KNOWN_FOR - 10)
    before = identify(cookie, "alice")
    monkeypatch.setattr(signing.time, "time", lambda: issued + KNOWN_FOR + 10)

    assert before
    assert identify(cookie, "alice") is None


def test_a_cookie_is_worthless_for_a_deactivated_account(alice):
    cookie = remembered(alice, "")
    lifecycle.deactivate(alice)

    assert identify(cookie, "alice") is None


def test_a_cookie_survives_a_change_of_the_secret_key_with_a_fallback(alice, settings):
    cookie = remembered(alice, "")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key " * 6

    assert identify(cookie, "alice")
    settings.SECRET_KEY_FALLBACKS = []
    assert identify(cookie, "alice") is None


@pytest.mark.parametrize("change", ["cut", "longer", "swapped", "doubled"])
def test_a_changed_cookie_is_worthless(alice, change):
    cookie = remembered(alice, "")
    forged = {
        "cut": cookie[:-1],
        "longer": cookie + "A",
        "swapped": cookie.swapcase(),
        "doubled": f"{cookie}:{cookie}",
    }[change]

    assert identify(forged, "alice") is None


@pytest.mark.parametrize("account", ["", "nobody", "a\0b", "\ud800", "x" * 300, "́" * 110])
def test_odd_names_are_unknown(alice, account):
    assert identify(remembered(alice, ""), account) is None


def test_a_browser_without_a_cookie_costs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert identify("", "alice") is None
