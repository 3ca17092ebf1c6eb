"""Pages: who may see them, what they carry, and that nothing of them is kept by caches."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from chat.accounts import first_administrator, lifecycle

PASSWORD = "correct horse 9"
OPEN = ["/accounts/login/", "/accounts/signup/", "/accounts/reset/", "/accounts/reset/sent/"]
OWN = ["/", "/accounts/", "/accounts/password/", "/accounts/email/", "/accounts/delete/"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice():
    return lifecycle.sign_up("alice", PASSWORD)


@pytest.fixture
def browser(alice):
    browser = Client()
    browser.force_login(alice)
    return browser


@pytest.mark.parametrize("page", OPEN)
def test_an_open_page_is_for_everybody(client, page):
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("page", OWN)
def test_an_own_page_asks_to_sign_in(client, page):
    assert client.get(page).url == f"/accounts/login/?next={page}"


@pytest.mark.parametrize("page", OWN)
def test_an_own_page_shows_itself_to_its_owner(browser, page):
    assert browser.get(page).status_code == 200


@pytest.mark.parametrize("page", OPEN + OWN)
def test_no_page_is_cached(browser, page):
    assert "no-store" in browser.get(page)["Cache-Control"]


@pytest.mark.parametrize("page", OPEN + OWN)
def test_a_page_holds_to_the_content_security_policy(browser, client, page):
    for visitor in (browser, client):
        response = visitor.get(page, follow=True)
        html = response.content.decode()
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert "style=" not in html
        assert "<style" not in html
        assert not re.search(r"<script(?![^>]*\bsrc=)", html)
        assert not re.search(r"\son\w+=", html)
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", html)


def test_who_is_signed_in_has_no_business_with_signing_in(browser):
    assert browser.get("/accounts/login/").url == "/"
    assert browser.get("/accounts/signup/").url == "/"


def test_signing_in_leads_on_to_where_one_wanted_to_go_but_never_elsewhere(client, alice):
    form = {"username": "alice", "password": PASSWORD}
    elsewhere = client.post("/accounts/login/?next=//example.org/", form).url
    client.post("/accounts/logout/")

    assert elsewhere == "/"
    assert client.post("/accounts/login/?next=/accounts/", form).url == "/accounts/"


def test_the_admin_site_signs_in_by_our_own_page(client, browser, alice):
    assert client.get("/admin/login/?next=/admin/").url == "/accounts/login/?next=/admin/"
    assert browser.get("/admin/login/?next=/admin/").status_code == 403

    alice.is_staff = True
    alice.save()
    assert browser.get("/admin/").status_code == 200


def test_a_page_that_does_not_exist_says_so_in_our_words(client):
    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()


def test_a_form_without_its_token_says_what_to_do(alice):
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"username": "alice"})

    assert response.status_code == 403
    assert "once more" in response.content.decode()


def test_an_error_shows_no_internals(browser, monkeypatch):
    browser.raise_request_exception = False
    monkeypatch.setattr("chat.models.Room.first", lambda: 1 / 0)
    response = browser.get("/")

    assert response.status_code == 500
    assert "That did not work" in response.content.decode()
    assert "ZeroDivisionError" not in response.content.decode()


def test_a_name_on_a_page_is_text(client):
    response = client.post("/accounts/login/", {"username": "<b>alice", "password": "x"})

    assert "<b>alice" not in response.content.decode()


def test_the_room_page_weighs_little(browser):
    html = browser.get("/").content.decode()
    files = set(re.findall(r'"/static/([^"]+)"', html))
    sources = [Path(settings.BASE_DIR, "static", file).read_bytes() for file in files]
    weight = sum(len(gzip.compress(source)) for source in sources)  # as `serve` sends them

    assert "chat/room.js" in files
    # Of the 60 KB that a first visit may have on the wire, the rest is for the headers.
    assert len(html.encode()) + weight < 40 * 1024


def test_the_room_page_loads_every_module_up_front(browser):
    html = browser.get("/").content.decode()
    modules = Path(settings.BASE_DIR, "static", "chat").glob("*.js")

    for module in modules:
        assert f'"/static/chat/{module.name}"' in html


def test_the_last_administrator_cannot_delete_the_account(client):
    alice = first_administrator.create(first_administrator.issue_token(), "alice", PASSWORD)
    client.force_login(alice)
    answer = client.post("/accounts/delete/", {"password": PASSWORD})
    assert b"last administrator" in answer.content
    alice.refresh_from_db()
    assert alice.is_active
