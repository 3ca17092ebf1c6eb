"""Actions on the pages of accounts are recorded as security events."""

import re

import pytest
from django.test import Client

from chat.accounts import first_administrator, lifecycle
from tests.support.accounts import NEW_PASSWORD, PASSWORD, new_password_form, sign_up_form
from tests.support.events import new_events, recorded

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]

BROWSER = {"REMOTE_ADDR": "192.0.2.1", "HTTP_USER_AGENT": "Firefox\0"}


@pytest.fixture
def browser():
    return Client(**BROWSER)


@pytest.fixture
def alices_browser(browser, alice):
    browser.force_login(alice)
    return browser


def test_signing_in_and_out(browser, alice):
    browser.post("/accounts/login/", {"username": "ALICE", "password": PASSWORD})
    browser.post("/accounts/logout/")
    browser.post("/accounts/logout/")  # nobody is signed in now
    assert recorded("kind", "account", "by", "address", "user_agent") == [
        ("signed_in", "alice", "", "192.0.2.1", "Firefox"),
        ("signed_out", "alice", "", "192.0.2.1", "Firefox"),
    ]


def test_signing_up(browser):
    browser.post("/accounts/signup/", sign_up_form())
    assert recorded("kind", "account", "address") == [("signed_up", "alice", "192.0.2.1")]


def test_the_first_administrator(browser):
    token = first_administrator.issue_token()
    browser.post(f"/accounts/first/{token}/", sign_up_form())
    assert new_events() == [("account_created", "alice", "", "first administrator")]


def test_changing_the_password_and_the_email_address(alices_browser):
    alices_browser.post("/accounts/password/", new_password_form())
    form = {"password": NEW_PASSWORD, "email": "alice@example.org"}
    alices_browser.post("/accounts/email/", form)
    alices_browser.post("/accounts/email/", {**form, "email": ""})
    assert new_events() == [
        ("password_changed", "alice", "", ""),
        ("email_changed", "alice", "", ""),
        ("email_changed", "alice", "", "no address"),
    ]


def test_a_refused_change_is_not_recorded(alices_browser):
    alices_browser.post("/accounts/password/", new_password_form(password="wrong"))
    alices_browser.post("/accounts/email/", {"password": "wrong", "email": "a@example.org"})
    alices_browser.post("/accounts/delete/", {"password": "wrong"})
    assert {kind for kind, *_ in new_events()} <= {"sign_in_failed"}


def test_wrong_passwords_and_attempts_that_have_to_wait_are_recorded(browser, alice):
    for _ in range(12):
        browser.post("/accounts/login/", {"username": "alice", "password": "wrong"})
    browser.post("/accounts/login/", {"username": "x" * 500, "password": "wrong"})
    browser.post("/accounts/login/", {"username": "bob", "password": ""})
    assert recorded("kind", "account", "count", "detail") == [
        ("sign_in_failed", "alice", 10, ""),
        ("throttled", "alice", 2, "wrong for account from address"),
    ]


def test_a_wrong_password_on_a_page_of_the_own_account_is_recorded(alices_browser):
    alices_browser.post("/accounts/password/", new_password_form(password="wrong"))
    alices_browser.post("/accounts/password/", new_password_form(password2="different"))
    assert new_events() == [("sign_in_failed", "alice", "", "on the account page")]


def test_resetting_the_password(browser, alice, mailbox):
    lifecycle.change_email(alice, "alice@example.org")
    browser.post("/accounts/reset/", {"email": "alice@example.org"})
    link = re.search(r"http://testserver(\S+)", mailbox()[0].body)[1]
    form = browser.get(link, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert recorded("kind", "account", "address")[1:] == [
        ("reset_requested", "alice", "192.0.2.1"),
        ("password_reset", "alice", "192.0.2.1"),
    ]


def test_deleting_the_account(alices_browser):
    assert "is kept for 90 days" in alices_browser.get("/accounts/delete/").content.decode()
    alices_browser.post("/accounts/delete/", {"password": PASSWORD})
    assert new_events() == [("account_deleted", "alice", "", "")]


def test_a_form_without_a_token_is_recorded_without_the_address_of_its_page():
    browser = Client(enforce_csrf_checks=True, **BROWSER)
    form = {"username": "alice", "password": PASSWORD}
    page = "/accounts/login/"
    assert browser.post(page, form).status_code == 403
    assert browser.post(page, form, HTTP_ORIGIN="https://evil.example").status_code == 403
    secret = "https://testserver/accounts/reset/MQ/secret-token/?a=b"
    assert browser.post(page, form, HTTP_REFERER=secret, secure=True).status_code == 403
    assert recorded("kind", "address", "detail") == [
        ("form_refused", "192.0.2.1", "CSRF cookie not set."),
        (
            "form_refused",
            "192.0.2.1",
            "Origin checking failed - https://evil.example does not match any trusted origins.",
        ),
    ]
