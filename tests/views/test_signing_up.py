"""The page on which people sign up."""

import re

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client

from chat.accounts import first_administrator, lifecycle, throttling
from chat.models import User
from chat.room import presence
from tests.support.accounts import PASSWORD, sign_up_form
from tests.support.presence import enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]


def test_signing_up_signs_in_and_leads_to_the_lobby(client):
    response = client.post("/accounts/signup/", sign_up_form(), follow=True)

    assert response.redirect_chain == [("/", 302), ("/r/lobby/", 302)]
    assert response.context["user"].username == "alice"


@pytest.mark.parametrize("name", ["alice", "Alice", "аlice", "aIice", "a1ice"])
def test_a_name_that_looks_like_the_name_of_an_account_is_taken(client, alice, name):
    response = client.post("/accounts/signup/", sign_up_form(username=name))

    assert "taken" in response.context["form"].errors["username"][0]
    assert User.objects.count() == 1


def test_the_name_of_a_guest_is_free_once_the_guest_has_left(client, lobby, process):
    (stay,) = enter(lobby, "alice", process=process)
    refused = client.post("/accounts/signup/", sign_up_form(username="Alice"))
    presence.leave([stay.connection_id])
    client.post("/accounts/signup/", sign_up_form(username="Alice"))

    assert "taken" in refused.context["form"].errors["username"][0]
    assert User.objects.get().username == "Alice"


def test_a_lost_race_for_a_name_is_an_error_of_the_form(client, monkeypatch):
    def save(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(User, "save", save)
    response = client.post("/accounts/signup/", sign_up_form())

    assert response.status_code == 200
    assert "taken" in response.context["form"].errors["username"][0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "two words"}, "username"),
        ({"username": "a" * 31}, "username"),
        ({"username": "nul\0"}, "username"),
        ({"username": ""}, "username"),
        ({"password2": "something else 5"}, "password2"),
        ({"password1": "short", "password2": "short"}, "password1"),
        ({"username": "correct_horse", "password1": "correct_horse"}, "password2"),
        ({"email": "no address"}, "email"),
    ],
)
def test_an_error_is_shown_at_its_field(client, changes, field):
    response = client.post("/accounts/signup/", sign_up_form(**changes))

    assert list(response.context["form"].errors) == [field]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Vie\u0302t", "Viêt"),
        (" \u212bsa ", "Åsa"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("क्\u200dष", "क्\u200dष"),
        ("\u006f\u0323\u0302" * 30, "\u1ed9" * 30),
    ],
)
def test_a_name_is_taken_in_its_composed_form(client, typed, name):
    response = client.post("/accounts/signup/", sign_up_form(username=typed))

    assert response.url == "/"
    assert User.objects.get().username == name
    form = {"username": typed, "password": PASSWORD}
    assert Client().post("/accounts/login/", form).url == "/"
    without_joiners = name.replace("\u200c", "").replace("\u200d", "")
    assert lifecycle.is_taken(without_joiners)


@pytest.mark.parametrize("name", ["admin", "System", "аdmin", "ᴀdmin", "r00m", "admin.", "_all_"])
def test_a_reserved_name_is_refused(client, name):
    response = client.post("/accounts/signup/", sign_up_form(username=name))

    assert "reserved" in response.context["form"].errors["username"][0]
    assert not User.objects.exists()


def test_reserved_names_do_not_bind_those_who_run_the_site(client, settings, monkeypatch):
    settings.RESERVED_NAMES = ["alice", "admin", "root", "staff"]
    link = f"/accounts/first/{first_administrator.issue_token()}/"
    assert client.post(link, sign_up_form(username="admin")).url == "/"
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    client.post("/admin/chat/user/add/", {**form, "username": "staff"})
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", username="root", email="", interactive=False)

    assert set(User.objects.values_list("username", flat=True)) == {"admin", "staff", "root"}
    assert Client().post("/accounts/login/", {"username": "admin", "password": PASSWORD}).url == "/"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "two words"}, "username"),
        ({"username": "", "password1": "", "email": "x"}, "username"),
        ({"username": "root", "email": "no address"}, "email"),
        ({"password2": "something else 5"}, "password2"),
        ({"password1": "short", "password2": "short", "email": "x"}, "password1"),
        ({"username": "admin"}, "username"),
    ],
)
def test_the_cursor_is_in_the_first_field_with_an_error(client, changes, field):
    page = client.post("/accounts/signup/", sign_up_form(**changes)).content.decode()

    assert fields_with_cursor(page) == [field]


def test_the_cursor_is_in_the_name_when_somebody_else_was_faster(client, monkeypatch):
    monkeypatch.setattr(lifecycle, "sign_up", raise_name_taken)
    page = client.post("/accounts/signup/", sign_up_form()).content.decode()

    assert fields_with_cursor(page) == ["username"]


def fields_with_cursor(page):
    return [
        re.search(r'name="(\w+)"', tag)[1]
        for tag in re.findall("<input[^>]*>", page)
        if "autofocus" in tag
    ]


def raise_name_taken(*args):
    raise lifecycle.NameTaken


def test_a_closed_sign_up_creates_no_account(client, settings):
    settings.SIGNUP = "closed"

    assert "Sign-up is closed" in client.get("/accounts/signup/").content.decode()
    assert client.post("/accounts/signup/", sign_up_form()).status_code == 403
    assert "/accounts/signup/" not in client.get("/accounts/login/").content.decode()
    assert not User.objects.exists()


def test_the_sign_in_page_links_to_an_open_sign_up(client):
    assert "/accounts/signup/" in client.get("/accounts/login/").content.decode()


def test_the_number_of_accounts_created_from_one_address_is_limited(monkeypatch):
    monkeypatch.setattr(throttling, "NEW_ACCOUNTS", throttling.NEW_ACCOUNTS._replace(most=2))

    def sign_up(name, address):
        browser = Client(REMOTE_ADDR=address)
        return browser.post("/accounts/signup/", sign_up_form(username=name))

    statuses = [sign_up(name, "192.0.2.1").status_code for name in ("alice", "alice", "bob")]
    response = sign_up("carol", "192.0.2.1")
    elsewhere = sign_up("dave", "192.0.2.2")
    monkeypatch.setattr(lifecycle, "is_taken", lambda name: False)  # a lost race for the name
    lost_races = [sign_up("dave", "192.0.2.3").status_code for _ in range(4)]

    assert statuses == [302, 200, 302]  # a name that is taken does not count
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 3600
    assert "Please wait" in response.content.decode()
    assert response.context["form"].initial == {"username": "carol"}  # and no password
    assert 'value="carol"' in response.content.decode()
    assert elsewhere.status_code == 302
    assert lost_races == [200] * 4
    assert set(User.objects.values_list("username", flat=True)) == {"alice", "bob", "dave"}
