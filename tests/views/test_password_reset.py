"""Resetting a forgotten password by email."""

import re

import pytest
from django.core import mail
from django.test import Client

from chat.accounts import lifecycle
from tests.support.accounts import NEW_PASSWORD, browser_of, open_connections
from tests.support.presence import enter

ADDRESS = "alice@example.org"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_attempts")]


@pytest.fixture(autouse=True)
def mailbox(alice):
    lifecycle.change_email(alice, ADDRESS)


def request_reset(client, address):
    return client.post("/accounts/reset/", {"email": address})


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(client, alice, lobby, process):
    enter(lobby, alice, process=process, session_key=browser_of(alice).session.session_key)
    request_reset(client, ADDRESS)
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert not open_connections()
    browser_of(alice, NEW_PASSWORD)
    assert "used already" in Client().get(link, follow=True).content.decode()


def test_a_password_manager_finds_the_name_of_the_account_on_the_page_of_the_link(client):
    request_reset(client, ADDRESS)
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    page = client.get(link, follow=True).content.decode()

    assert re.search('<input[^>]*value="alice"[^>]*autocomplete="username"[^>]*hidden>', page)


def test_the_name_of_an_email_address_is_spelt_in_one_way(client, alice):
    client.force_login(alice)
    pages = ("", "email/", "reset/", "reset/sent/")
    texts = [client.get(f"/accounts/{page}").content.decode() for page in pages]
    client.logout()
    texts.append(client.get("/accounts/signup/").content.decode())

    for text in texts:
        assert "email address" in text.lower()
        assert "e-mail" not in text.lower()


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client):
    known, unknown = request_reset(client, ADDRESS), request_reset(client, "nobody@example.org")

    assert known.url == unknown.url
    assert len(mail.outbox) == 1


def test_the_number_of_mails_to_one_address_is_limited(client):
    responses = [request_reset(client, ADDRESS) for _ in range(12)]

    assert responses[-1].status_code == 429
    assert len(mail.outbox) == 10
