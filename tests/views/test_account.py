"""The pages on which users change or delete their own account."""

import re

import pytest
from django.db import OperationalError

from chat.accounts import first_administrator, sessions
from chat.models import Connection, Message, Presence, User
from chat.room import changes, forgetting
from tests.support.accounts import (
    NEW_PASSWORD,
    PASSWORD,
    browser_of,
    new_password_form,
    open_connections,
    user_of,
)
from tests.support.presence import enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_window")]


def fail(*args):
    raise OperationalError("canceling statement due to lock timeout")


@pytest.fixture
def here(alice):
    """The browser that alice uses in a test."""
    return browser_of(alice)


@pytest.fixture
def elsewhere(alice):
    """Another browser in which alice is signed in."""
    return browser_of(alice)


@pytest.fixture
def connect(alice, lobby, process):
    """Open a connection of alice to the lobby from a browser; return its id."""

    def connect(browser):
        session_key = browser.session.session_key
        (stay,) = enter(lobby, alice, process=process, session_key=session_key)
        return stay.connection_id

    return connect


# Changing the password


def test_a_new_password_ends_all_connections_but_those_of_this_browser(
    alice, here, elsewhere, connect
):
    stays = connect(here)
    connect(elsewhere)

    response = here.post("/accounts/password/", new_password_form())

    assert response.url == "/accounts/"
    assert open_connections() == {stays}
    assert Connection.objects.get().session_key == here.session.session_key
    assert user_of(here.session.session_key) == alice
    assert elsewhere.get("/accounts/").status_code == 302
    browser_of(alice, NEW_PASSWORD)


def test_a_new_password_needs_the_current_one(alice, here):
    response = here.post("/accounts/password/", new_password_form(password="wrong"))

    assert list(response.context["form"].errors) == ["password"]
    browser_of(alice)


@pytest.mark.parametrize("page", ["password", "email", "delete"])
def test_a_password_manager_finds_the_name_of_the_account(here, page):
    form = here.get(f"/accounts/{page}/").content.decode()
    (field,) = re.findall('<input[^>]*autocomplete="username"[^>]*>', form)

    assert 'value="alice"' in field
    assert "hidden" in field.split()[-1]
    assert "autofocus" not in field


def test_the_cursor_is_in_the_first_field_with_an_error(here):
    page = here.post("/accounts/password/", new_password_form(password2="other")).content.decode()
    (field,) = re.findall("<input[^>]*autofocus[^>]*>", page)

    assert 'name="password2"' in field


def test_changing_the_password_can_be_repeated_after_a_failure(
    alice, here, elsewhere, connect, failing_once
):
    here.raise_request_exception = False
    key = here.session.session_key
    stays = connect(here)
    connect(elsewhere)

    assert here.post("/accounts/password/", new_password_form()).status_code == 503
    assert here.session.session_key == key
    assert not sessions.not_signed_in([key, elsewhere.session.session_key])
    assert len(open_connections()) == 2

    assert here.post("/accounts/password/", new_password_form()).status_code == 302
    assert here.session.session_key != key
    assert open_connections() == {stays}
    browser_of(alice, NEW_PASSWORD)


def test_a_connection_has_a_valid_session_at_every_moment_of_a_password_change(
    alice, here, connect, request
):
    connect(here)
    connect(browser_of(alice))
    seen = []

    def look(room_id):
        keys = Connection.objects.values_list("session_key", flat=True)
        seen.append(sessions.not_signed_in(keys))

    changes.listen(look)
    request.addfinalizer(lambda: changes.listen(None))
    here.post("/accounts/password/", new_password_form())

    assert seen
    assert not set().union(*seen)


# Changing the email address


def test_a_new_email_address_needs_the_password(alice, here):
    refused = here.post("/accounts/email/", {"email": "new@example.org", "password": "wrong"})
    assert list(refused.context["form"].errors) == ["password"]

    here.post("/accounts/email/", {"email": "new@EXAMPLE.org", "password": PASSWORD})

    alice.refresh_from_db()
    assert alice.email == "new@example.org"


# Deleting the account


def test_the_messages_of_a_deleted_account_stay_without_its_name(here, elsewhere, connect):
    connect(elsewhere)

    response = here.post("/accounts/delete/", {"password": PASSWORD}, follow=True)

    assert "Your account is deleted" in response.content.decode()
    assert not User.objects.exists()
    assert not Presence.objects.exists()
    assert set(Message.objects.values_list("kind", "name")) == {
        ("entered", "deleted user"),
        ("left", "deleted user"),
    }
    assert elsewhere.get("/accounts/").status_code == 302


def test_deleting_an_account_needs_its_password(here):
    response = here.post("/accounts/delete/", {"password": "wrong"})

    assert list(response.context["form"].errors) == ["password"]
    assert User.objects.exists()


def test_deleting_an_account_can_be_repeated_by_its_owner_after_a_failure(
    here, connect, monkeypatch
):
    here.raise_request_exception = False
    connect(here)
    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "forget_author", fail)
        assert here.post("/accounts/delete/", {"password": PASSWORD}).status_code == 503
    assert User.objects.get().is_active

    assert here.post("/accounts/delete/", {"password": PASSWORD}).status_code == 302
    assert not User.objects.exists()
    assert here.get("/accounts/").status_code == 302


def test_the_last_administrator_cannot_delete_the_account(client):
    root = first_administrator.create(first_administrator.issue_token(), "root", PASSWORD)
    client.force_login(root)
    response = client.post("/accounts/delete/", {"password": PASSWORD})

    assert "last administrator" in response.content.decode()
    root.refresh_from_db()
    assert root.is_active
