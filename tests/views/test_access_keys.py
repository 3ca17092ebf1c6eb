"""The pages on which users create and revoke their access keys."""

import re

import pytest

from chat.accounts import access_keys
from chat.models import AccessKey, SecurityEvent
from tests.support.accounts import PASSWORD, browser_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]

NEW = "/accounts/keys/"


@pytest.fixture
def browser(alice):
    return browser_of(alice)


def form(**changes):
    return {"name": "Laptop", "password": PASSWORD, **changes}


def test_a_new_key_is_shown_once(browser, alice):
    page = browser.post(NEW, form()).content.decode()
    (key,) = set(re.findall(r"cs_\w+", page))
    assert f"login alice {key}" in page
    assert access_keys.find("alice", key).user == alice
    for address in (NEW, "/accounts/"):
        assert key not in browser.get(address).content.decode()


def test_a_new_key_needs_the_password_and_a_name(browser):
    wrong = browser.post(NEW, form(password="wrong"))
    assert list(wrong.context["form"].errors) == ["password"]
    unnamed = browser.post(NEW, form(name="\u200b"))
    assert list(unnamed.context["form"].errors) == ["name"]
    assert not AccessKey.objects.exists()


def test_an_account_with_too_many_keys_is_told_so(browser, alice):
    for number in range(access_keys.MAX_KEYS):
        access_keys.create(alice, f"key {number}")
    page = browser.post(NEW, form()).content.decode()
    assert "You have too many access keys." in page


def test_the_account_page_lists_keys_and_revokes_them(browser, alice, bob):
    access_keys.create(alice, "Laptop")
    access_keys.create(bob, "Desk")
    page = browser.get("/accounts/").content.decode()
    assert "Laptop" in page
    assert "Never used" in page
    assert "Desk" not in page
    for key in AccessKey.objects.all():
        response = browser.post(f"/accounts/keys/{key.pk}/")
        assert response.url == "/accounts/"
    assert [key.name for key in AccessKey.objects.all()] == ["Desk"]
    assert SecurityEvent.objects.filter(kind="key_revoked", account="alice").count() == 1


def test_a_key_is_revoked_by_a_form_alone(browser, alice):
    access_keys.create(alice, "Laptop")
    key = AccessKey.objects.get()
    assert browser.get(f"/accounts/keys/{key.pk}/").status_code == 405
    assert AccessKey.objects.exists()


def test_strangers_have_no_keys(client):
    assert client.get(NEW).url.startswith("/accounts/login/")
    assert client.post(f"{NEW}1/").url.startswith("/accounts/login/")
