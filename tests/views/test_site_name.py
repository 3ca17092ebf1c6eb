"""The site's name: on every page and in every mail."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from chat.accounts import lifecycle
from chat.models import User
from chatsite import __version__
from tests.support.admin import signed_in

NAME = "Käse & Brot"
ON_A_PAGE = "Käse &amp; Brot"
OPEN = ["/accounts/login/", "/accounts/signup/", "/accounts/reset/", "/accounts/reset/sent/"]
FOR_USERS = [
    *("/r/lobby/", "/accounts/", "/accounts/password/", "/accounts/email/", "/accounts/delete/"),
    *("/r/lobby/settings/", "/rooms/", "/rooms/new/", "/rooms/direct/", "/mentions/"),
    "/accounts/keys/",
]
ADMIN = ["/admin/", "/admin/chat/user/", "/admin/chat/message/", "/admin/chat/user/add/"]
ERRORS = ["403.html", "403_csrf.html", "404.html", "500.html", "503.html"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]


@pytest.fixture(autouse=True)
def site_name(settings):
    settings.SITE_NAME = NAME


def assert_named(html):
    title = html.partition("<title>")[2].partition("</title>")[0]
    body = html.partition("<body")[2]
    assert title.endswith(f" · {ON_A_PAGE}")
    assert ON_A_PAGE in body
    assert "Chatsite" not in html.replace(f"Chatsite {__version__}", "")


@pytest.mark.parametrize("page", OPEN)
def test_a_visitor_sees_the_name_of_the_site(client, page):
    assert_named(client.get(page).content.decode())


@pytest.mark.parametrize("page", FOR_USERS)
def test_a_user_sees_the_name_of_the_site(alice, lobby, page):
    assert_named(signed_in(alice).get(page).content.decode())


@pytest.mark.parametrize("page", ADMIN)
def test_staff_see_the_name_of_the_site(lobby, page):
    root = User.objects.create_superuser("root")
    assert_named(signed_in(root).get(page).content.decode())


@pytest.mark.parametrize("page", ERRORS)
def test_an_error_page_shows_the_name_of_the_site_without_any_context(page):
    assert_named(render_to_string(page))


def test_a_mail_names_the_site_in_its_subject_and_its_text(alice, mailbox):
    lifecycle.change_email(alice, "alice@example.org")
    Client().post("/accounts/reset/", {"email": "alice@example.org"})

    (mail,) = mailbox()
    assert NAME in mail.subject
    assert NAME in mail.body
