"""The page that creates the first administrator."""

import pytest
from django.test import Client

from chat.accounts import first_administrator
from chat.models import User
from tests.support.accounts import sign_up_form

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_link_creates_the_first_administrator_once(client):
    link = f"/accounts/first/{first_administrator.issue_token()}/"
    assert client.get(link).status_code == 200

    assert client.post(link, sign_up_form()).url == "/"

    user = User.objects.get()
    assert (user.username, user.is_staff, user.is_superuser) == ("alice", True, True)
    assert client.get("/accounts/").status_code == 200
    assert Client().get(link).status_code == 404
    assert Client().post(link, sign_up_form(username="mallory")).status_code == 404


def test_the_first_administrator_may_give_an_email_address(client):
    link = f"/accounts/first/{first_administrator.issue_token()}/"
    assert 'name="email"' in client.get(link).content.decode()
    client.post(link, sign_up_form(email="root@EXAMPLE.org"))

    assert User.objects.get().email == "root@example.org"


def test_the_sign_in_page_of_a_new_site_says_where_the_link_is(client):
    page = client.get("/", follow=True).content.decode()
    assert "no accounts yet" in page
    assert "console" in page

    User.objects.create_user("alice")
    assert "no accounts yet" not in client.get("/", follow=True).content.decode()


def test_the_link_works_again_after_an_error_in_the_form(client):
    link = f"/accounts/first/{first_administrator.issue_token()}/"
    client.post(link, sign_up_form(password2="different 4"))

    assert client.get(link).status_code == 200


def test_there_is_no_link_once_there_is_an_account(client, alice):
    assert first_administrator.issue_token() is None
    assert client.get("/accounts/first/None/").status_code == 404


@pytest.mark.parametrize("guess", ["guess", "%F0%9F%9A%AA"])
def test_a_guessed_link_does_not_exist(client, guess):
    first_administrator.issue_token()

    assert client.get(f"/accounts/first/{guess}/").status_code == 404


def test_a_restart_ends_the_link(client):
    old = first_administrator.issue_token()
    first_administrator.issue_token()

    assert client.get(f"/accounts/first/{old}/").status_code == 404
