"""The page on which people sign up."""

import pytest
from django.db import IntegrityError
from django.test import Client

from chat.accounts import lifecycle, throttling
from chat.models import User
from chat.room import presence
from tests.support.accounts import sign_up_form
from tests.support.presence import enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_attempts")]


def test_signing_up_signs_in_and_leads_to_the_room(client):
    response = client.post("/accounts/signup/", sign_up_form(), follow=True)

    assert response.redirect_chain == [("/", 302)]
    assert response.context["user"].username == "alice"


@pytest.mark.parametrize("name", ["alice", "Alice", "аlice", "aIice", "a1ice"])
def test_a_name_that_looks_like_the_name_of_an_account_is_taken(client, alice, name):
    response = client.post("/accounts/signup/", sign_up_form(username=name))

    assert "taken" in response.context["form"].errors["username"][0]
    assert User.objects.count() == 1


def test_the_name_of_a_guest_is_free_once_the_guest_has_left(client, lobby, process):
    (stay,) = enter(lobby, "alice", process=process)
    refused = client.post("/accounts/signup/", sign_up_form(username="Alice"))
    presence.leave(lobby.pk, [stay.connection_id])
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


def test_a_closed_sign_up_creates_no_account(client, settings):
    settings.SIGNUP = "closed"

    assert "Sign-up is closed" in client.get("/accounts/signup/").content.decode()
    assert client.post("/accounts/signup/", sign_up_form()).status_code == 403
    assert "/accounts/signup/" not in client.get("/accounts/login/").content.decode()
    assert not User.objects.exists()


def test_the_sign_in_page_links_to_an_open_sign_up(client):
    assert "/accounts/signup/" in client.get("/accounts/login/").content.decode()


def test_the_number_of_accounts_created_from_one_address_is_limited(monkeypatch):
    monkeypatch.setattr(throttling, "MAX_SIGN_UPS", 2)

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
