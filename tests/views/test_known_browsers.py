"""Browsers that are known for an account, and what is counted apart for them."""

import re

import pytest
from django.test import Client

from chat.accounts import first_administrator, known_browsers, lifecycle
from tests.support.accounts import NEW_PASSWORD, PASSWORD, new_password_form, sign_up_form

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]

SIGN_IN = "/accounts/login/"


def sign_in(browser, name="alice", password=PASSWORD):
    return browser.post(SIGN_IN, {"username": name, "password": password})


def is_known(browser, name="alice"):
    cookie = browser.cookies.get(known_browsers.COOKIE)
    return bool(cookie and known_browsers.identify(cookie.value, name))


def browser_with(cookie):
    browser = Client()
    browser.cookies[known_browsers.COOKIE] = cookie
    return browser


@pytest.fixture
def known(client, alice):
    """The cookie of a browser in which alice has signed in."""
    sign_in(client)
    return client.cookies[known_browsers.COOKIE].value


@pytest.fixture
def attacked(alice, known):
    """The address of all browsers has no attempts left, and no account has any."""
    attacker = Client()
    for number in range(51):
        sign_in(attacker, f"invented{number}", "a guess")
    assert sign_in(Client()).status_code == 429


def test_signing_in_makes_a_browser_known(client, alice, settings):
    settings.SESSION_COOKIE_SECURE = True
    sign_in(client, password="wrong")
    assert not is_known(client)

    sign_in(client)
    cookie = client.cookies[known_browsers.COOKIE]
    assert is_known(client)
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert cookie["max-age"] == known_browsers.KNOWN_FOR


def test_signing_up_makes_a_browser_known(client):
    client.post("/accounts/signup/", sign_up_form())
    assert is_known(client)


def test_creating_the_first_administrator_makes_a_browser_known(client):
    client.post(f"/accounts/first/{first_administrator.issue_token()}/", sign_up_form())
    assert is_known(client)


def test_a_new_password_makes_this_browser_known_again_and_no_other(client, alice, known):
    assert client.post("/accounts/password/", new_password_form()).status_code == 302

    assert is_known(client)
    assert not is_known(browser_with(known))


def test_a_reset_password_makes_a_browser_known(client, alice, mailbox):
    lifecycle.change_email(alice, "alice@example.org")
    client.post("/accounts/reset/", {"email": "alice@example.org"})
    link = re.search(r"http://testserver(\S+)", mailbox()[0].body)[1]
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert is_known(client)


def test_signing_out_leaves_a_browser_known(client, known):
    client.post("/accounts/logout/")
    assert is_known(client)


def test_the_owner_of_an_account_signs_in_from_an_attacked_address(known, attacked):
    assert sign_in(browser_with(known)).status_code == 302


def test_the_owner_of_an_account_changes_it_from_an_attacked_address(client, known, attacked):
    form = {"email": "new@example.org", "password": PASSWORD}
    assert client.post("/accounts/email/", form).status_code == 302
    assert client.post("/accounts/password/", new_password_form()).status_code == 302


@pytest.mark.parametrize("cookie", ["forged", "of bob", "cut", "old"])
def test_an_invalid_cookie_does_not_help(bob, known, attacked, cookie, monkeypatch):
    if cookie == "old":
        monkeypatch.setattr(known_browsers, "KNOWN_FOR", -1)
    cookies = {
        "forged": "Iml0TVV1NHpMMFF3VXRGSFQi:1xXeNQ:trteVtBtBhIh0xuz9qLfhkUzt-_P0Dleakf3dnXp9ug",
        "of bob": known_browsers.remembered(bob, ""),
        "cut": known[:-1],
        "old": known,
    }
    assert sign_in(browser_with(cookies[cookie])).status_code == 429
