"""Signing in and out."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.models import Presence, User
from chat.names import key_of
from tests.support.accounts import PASSWORD, browser_of, open_connections
from tests.support.presence import enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]


def sign_in(client, name, password=PASSWORD):
    return client.post("/accounts/login/", {"username": name, "password": password})


@pytest.mark.parametrize("name", ["alice", "Alice", "ALICE"])
def test_the_case_of_a_name_does_not_matter_for_signing_in(client, alice, name):
    assert sign_in(client, name).url == "/"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client, alice):
    answers = [sign_in(client, name, "wrong") for name in ("alice", "nobody")]

    assert answers[0].context["form"].errors == answers[1].context["form"].errors


def test_after_ten_wrong_passwords_the_right_one_has_to_wait(client, alice):
    answers = [sign_in(client, "alice", "wrong").status_code for _ in range(10)]
    response = sign_in(client, "Alice")

    assert answers == [200] * 10
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 300
    assert "Please wait" in response.content.decode()
    assert response.context["form"].initial == {"username": "Alice"}  # and no password
    assert 'value="Alice"' in response.content.decode()


def test_wrong_passwords_for_one_account_do_not_delay_another(client, alice):
    for _ in range(11):
        sign_in(client, "bob", "wrong")

    assert sign_in(client, "alice").status_code == 302


@pytest.mark.parametrize("hidden", [" " * 300, "\u3000" * 300, "\u200b" * 300])
def test_invisible_characters_before_a_name_do_not_allow_more_attempts(client, alice, hidden):
    User.objects.create_user("mallory", password=PASSWORD)
    for _ in range(4):
        for _ in range(9):
            sign_in(client, f"{hidden}alice", "wrong")
        sign_in(Client(), f"{hidden}mallory")

    assert sign_in(client, f"{hidden}alice").status_code != 302


def test_a_text_too_long_for_a_name_is_not_looked_up(client):
    accents = "\u0301\u0316" * 500_000  # normalising these would take an hour
    with CaptureQueriesContext(connection) as queries:
        response = sign_in(client, accents, "wrong")

    assert not [query for query in queries if User._meta.db_table in query["sql"]]
    assert response.status_code == 200
    assert "at most 30 characters" in response.content.decode()
    assert len(key_of(accents)) == 64


@pytest.mark.parametrize("page", ["/admin/login/", "/admin/", "/admin/chat/user/"])
def test_the_sign_in_page_of_the_admin_site_checks_no_password(client, alice, monkeypatch, page):
    def check_password(*args):
        pytest.fail("a password was checked without a limit")

    alice.is_staff = alice.is_superuser = True
    alice.save()
    monkeypatch.setattr(User, "check_password", check_password)
    form = {"username": "alice", "password": PASSWORD, "this_is_the_login_form": "1"}
    response = client.post(page, {**form, "next": "/admin/"})

    assert response.status_code == 302
    assert "/login/" in response.url
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("page", ["/accounts/logout/", "/admin/logout/"])
def test_signing_out_ends_the_connections_of_this_browser(alice, lobby, process, page):
    here, elsewhere = browser_of(alice), browser_of(alice)
    enter(lobby, alice, process=process, session_key=here.session.session_key)
    (stay,) = enter(lobby, alice, process=process, session_key=elsewhere.session.session_key)

    here.post(page)

    assert open_connections() == {stay.connection_id}
    assert here.get("/accounts/").status_code == 302
    assert elsewhere.get("/accounts/").status_code == 200


def test_signing_out_of_the_only_browser_leaves_the_room(alice, lobby, process):
    browser = browser_of(alice)
    enter(lobby, alice, process=process, session_key=browser.session.session_key)

    browser.post("/admin/logout/")

    assert not open_connections()
    assert not Presence.objects.exists()


def test_following_a_link_does_not_sign_out(alice):
    browser = browser_of(alice)

    assert browser.get("/accounts/logout/").status_code == 405
    assert browser.get("/accounts/").status_code == 200
