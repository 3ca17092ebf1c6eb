"""Resetting a forgotten password by email."""

import re
import threading

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from chat.accounts import lifecycle, password_reset, throttling
from chat.accounts.mail_queue import MailQueue
from tests.support.accounts import NEW_PASSWORD, PASSWORD, browser_of, open_connections
from tests.support.presence import enter
from tests.support.waiting import PATIENCE

ADDRESS = "alice@example.org"
SENT = "/accounts/reset/sent/"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]


@pytest.fixture(autouse=True)
def alices_address(alice, mailbox):
    lifecycle.change_email(alice, ADDRESS)


def request_reset(client, address=ADDRESS, **headers):
    return client.post("/accounts/reset/", {"email": address}, **headers)


def link_in(message, site="http://testserver"):
    """Return the path of the link in a mail."""
    return re.search(rf"^{re.escape(site)}(/\S+)$", message.body, re.M)[1]


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(
    client, alice, lobby, process, mailbox
):
    enter(lobby, alice, process=process, session_key=browser_of(alice).session.session_key)
    request_reset(client)
    link = link_in(mailbox()[0])
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert not open_connections()
    browser_of(alice, NEW_PASSWORD)
    assert "used already" in Client().get(link, follow=True).content.decode()


def test_a_password_manager_finds_the_name_of_the_account_on_the_page_of_the_link(client, mailbox):
    request_reset(client)
    link = link_in(mailbox()[0])
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


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, mailbox):
    known, unknown = request_reset(client), request_reset(client, "nobody@example.org")

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url) == (302, SENT)
    assert len(mailbox()) == 1


def test_the_answer_waits_for_neither_the_database_nor_the_mail_server(
    client, mailbox, monkeypatch
):
    goes_on, asked = threading.Event(), threading.Event()
    look_up, send = password_reset.User.objects.filter, EmailBackend.send_messages

    def hang(function):
        def hanging(*args, **kwargs):
            asked.set()
            assert goes_on.wait(PATIENCE)
            return function(*args, **kwargs)

        return hanging

    monkeypatch.setattr(password_reset.User.objects, "filter", hang(look_up))
    monkeypatch.setattr(EmailBackend, "send_messages", hang(send))
    for address in (ADDRESS, "nobody@example.org"):
        assert request_reset(client, address).url == SENT
    assert asked.wait(PATIENCE)  # so there was something to wait for
    assert mail.outbox == []
    goes_on.set()
    assert len(mailbox()) == 1


def test_a_stranger_who_asks_again_and_again_is_told_nothing_and_sends_few_mails(client, mailbox):
    responses = [request_reset(client) for _ in range(throttling.RESETS.most)]

    assert {response.url for response in responses} == {SENT}
    assert len(mailbox()) == throttling.MAILS_FOR_MAILBOX_FROM_ADDRESS.most
    for address in (ADDRESS, "nobody@example.org"):
        refused = request_reset(client, address)
        assert refused.status_code == 429
        assert "Please wait" in refused.content.decode()
    assert request_reset(client, REMOTE_ADDR="192.0.2.7").url == SENT
    assert len(mailbox()) == throttling.MAILS_FOR_MAILBOX_FROM_ADDRESS.most + 1


def test_the_browser_in_which_the_owner_has_signed_in_gets_mails_of_its_own(client, mailbox):
    browser = Client()
    browser.post("/accounts/login/", {"username": "alice", "password": PASSWORD})
    browser.post("/accounts/logout/")
    for _ in range(throttling.MAILS_FOR_MAILBOX_FROM_ADDRESS.most + 1):
        request_reset(client)
    count = len(mailbox())
    assert request_reset(browser).url == SENT
    assert len(mailbox()) == count + 1


def test_a_full_queue_is_told_to_everybody(client, monkeypatch):
    monkeypatch.setattr(password_reset, "mails", lambda: MailQueue(most=0))

    for address in (ADDRESS, "nobody@example.org"):
        response = request_reset(client, address)
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0
        assert "No mail can be sent at the moment" in response.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        *("", "alice", "alice@example.org\0", "a\nBcc: b@example.org", "a@b@example.org"),
        *("аlice@example.org", "x" * 300 + "@example.org", "alice@example.org,bob@example.org"),
        '"a\r\nBcc: b"@example.org',
    ],
)
def test_what_is_no_email_address_is_refused_before_anything_is_sent(client, mailbox, address):
    response = request_reset(client, address)

    assert response.status_code == 200
    assert "field-error" in response.content.decode()
    assert mailbox() == []


@pytest.mark.parametrize(
    ("changes", "headers", "site"),
    [
        ({"SITE_URL": "https://chat.example.org"}, {}, "https://chat.example.org"),
        (
            {"SITE_URL": "https://chat.example.org:8443", "ALLOWED_HOSTS": ["*"]},
            {"HTTP_HOST": "evil.example"},
            "https://chat.example.org:8443",
        ),
        (
            {"ALLOWED_HOSTS": ["chat.example.org"]},
            {"HTTP_HOST": "chat.example.org:6666"},
            "http://chat.example.org",
        ),
        (
            {"ALLOWED_HOSTS": ["chat.example.org"]},
            {"HTTP_HOST": "chat.example.org", "secure": True},
            "https://chat.example.org",
        ),
        (
            {"ALLOWED_HOSTS": ["chat.example.org", "chat.example.com"]},
            {"HTTP_HOST": "chat.example.com:6666"},
            "http://chat.example.com",
        ),
        (
            {"ALLOWED_HOSTS": ["[::1]", "chat.example.com"]},
            {"HTTP_HOST": "[::1]:6666"},
            "http://[::1]",
        ),
    ],
)
def test_links_lead_to_the_site_and_not_where_the_request_says(
    client, mailbox, settings, changes, headers, site
):
    for name, value in changes.items():
        setattr(settings, name, value)
    request_reset(client, **headers)

    assert link_in(mailbox()[0], site).startswith("/accounts/reset/")


def test_a_host_that_is_not_allowed_gets_no_mail_sent(client, mailbox, settings):
    settings.ALLOWED_HOSTS = [".example.org"]

    assert request_reset(client, HTTP_HOST="evil.example").status_code == 400
    assert mailbox() == []
