"""The rules for all pages: access, caching, the content security policy, and errors."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.test import Client

from chatsite import __version__
from chatsite.bundling import Bundle
from chatsite.static import BUNDLED, ROOM_SCRIPT, without_comments
from tests.support.accounts import PASSWORD

OPEN = ["/accounts/login/", "/accounts/signup/", "/accounts/reset/", "/accounts/reset/sent/"]
FOR_USERS = [
    *("/r/lobby/", "/accounts/", "/accounts/password/", "/accounts/email/", "/accounts/delete/"),
    *("/r/lobby/settings/", "/rooms/", "/rooms/new/", "/rooms/direct/", "/mentions/"),
    "/accounts/keys/",
]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(alice, lobby):
    """A test client in which alice has signed in."""
    browser = Client()
    browser.force_login(alice)
    return browser


@pytest.mark.parametrize("page", OPEN)
def test_everybody_can_see_an_open_page(client, page):
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("page", FOR_USERS)
def test_a_page_for_users_asks_visitors_to_sign_in(client, page):
    assert client.get(page).url == f"/accounts/login/?next={page}"


@pytest.mark.parametrize("page", FOR_USERS)
def test_a_user_can_see_a_page_for_users(browser, page):
    assert browser.get(page).status_code == 200


@pytest.mark.parametrize("page", ["/r/lobby/", "/accounts/"])
def test_users_see_the_version_of_the_site(browser, page):
    assert f"Chatsite {__version__}" in browser.get(page).content.decode()


@pytest.mark.parametrize("page", OPEN)
def test_visitors_do_not_see_the_version_of_the_site(client, page):
    assert __version__ not in client.get(page).content.decode()


@pytest.mark.parametrize("page", OPEN + FOR_USERS)
def test_no_page_is_cached(browser, page):
    assert "no-store" in browser.get(page)["Cache-Control"]


@pytest.mark.parametrize("page", OPEN + FOR_USERS)
def test_a_page_obeys_the_content_security_policy(browser, client, page):
    for visitor in (browser, client):
        response = visitor.get(page, follow=True)
        html = response.content.decode()
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert "style=" not in html
        assert "<style" not in html
        assert not re.search(r"<script(?![^>]*\bsrc=)", html)
        assert not re.search(r"\son\w+=", html)
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", html)


def test_a_signed_in_user_is_led_from_signing_in_to_the_room(browser):
    assert browser.get("/accounts/login/").url == "/"
    assert browser.get("/accounts/signup/").url == "/"


def test_signing_in_leads_to_the_page_asked_for_but_never_to_another_site(client, alice):
    form = {"username": "alice", "password": PASSWORD}
    elsewhere = client.post("/accounts/login/?next=//example.org/", form).url
    client.post("/accounts/logout/")

    assert elsewhere == "/"
    assert client.post("/accounts/login/?next=/accounts/", form).url == "/accounts/"


def test_the_admin_site_uses_our_sign_in_page(client, browser, alice):
    assert client.get("/admin/login/?next=/admin/").url == "/accounts/login/?next=/admin/"
    assert browser.get("/admin/login/?next=/admin/").status_code == 403

    alice.is_staff = True
    alice.save()
    assert browser.get("/admin/").status_code == 200


def test_a_page_that_does_not_exist_is_answered_with_our_own_text(client):
    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()


def test_a_form_without_its_csrf_token_is_refused_with_advice(alice):
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


def test_a_name_is_escaped_on_a_page(client):
    response = client.post("/accounts/login/", {"username": "<b>alice", "password": "x"})

    assert "<b>alice" not in response.content.decode()


def test_the_room_page_is_small(browser):
    html = browser.get("/r/lobby/").content.decode()
    # Only a browser without JavaScript loads what is named in a noscript element.
    loaded = re.sub("<noscript>.*?</noscript>", "", html, flags=re.DOTALL)
    files = set(re.findall(r' (?:src|href)="/static/([^"]+)"', loaded))
    alone = [file for file in files if not BUNDLED.fullmatch(file) or file.endswith("loading.js")]
    styles = [file for file in files if file.endswith(".css")]
    sources = [static_file(file).encode() for file in {*alone, *styles}]
    sources.append(Bundle(static_file, BUNDLED.fullmatch).make(ROOM_SCRIPT).encode())
    published = [without_comments(source) for source in sources]  # as `serve` sends them
    # Over HTTPS browsers take Brotli. A page is compressed for each visit, so it has gzip.
    files_weight = sum(len(brotli.compress(source)) for source in published)
    weight = len(gzip.compress(html.encode())) + files_weight

    assert ROOM_SCRIPT in files
    # A first visit may transfer 60 KB; the rest of them is for the headers.
    assert weight < 55 * 1024


def static_file(path):
    return Path(settings.BASE_DIR, "static", path).read_text()


def test_the_room_page_is_compressed_and_no_page_with_an_address_is(browser):
    for page in FOR_USERS:
        response = browser.get(page, headers={"accept-encoding": "gzip"})
        assert response.get("Content-Encoding") == ("gzip" if page == "/r/lobby/" else None)


def test_the_room_page_lists_every_module(browser):
    html = browser.get("/r/lobby/").content.decode()
    static_files = Path(settings.BASE_DIR, "static")
    modules = [
        module.relative_to(static_files).as_posix()
        for folder in ("core", "room")
        for module in Path(static_files, "chat", folder).glob("*.js")
    ]

    assert modules
    for module in modules:
        assert f'"/static/{module}"' in html
