"""Accounts: staff add, edit, deactivate and activate them, and set their passwords."""

import pytest
from django.test import Client

from chat.accounts import lifecycle
from chat.models import Connection, Presence, User
from tests.support.admin import run_action, save_user, shown_messages
from tests.support.presence import enter, events

PASSWORD = "correct horse 9"


def test_a_new_user_can_sign_in_with_the_password_that_staff_chose(root_client):
    form = {"username": "dora", "password1": PASSWORD, "password2": PASSWORD}
    response = root_client.post("/admin/chat/user/add/", form, follow=True)
    assert response.status_code == 200
    assert Client().login(username="dora", password=PASSWORD)


@pytest.mark.parametrize("name", ["alice", "Alice", "аlice", "carol", "a b", "ａnna", "n" * 31])
def test_a_name_that_cannot_sign_up_cannot_be_added(root_client, lobby, alice, process, name):
    enter(lobby, "carol", process=process)
    form = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
    response = root_client.post("/admin/chat/user/add/", form)
    assert response.status_code == 200
    assert len(response.context["adminform"].form.errors["username"]) == 1
    assert User.objects.count() == 2


def test_a_name_cannot_be_changed(root_client, alice):
    save_user(root_client, alice, username="eve", email="a@example.org")
    alice.refresh_from_db()
    assert (alice.username, alice.email) == ("alice", "a@example.org")


@pytest.mark.parametrize("way", ["form", "action"])
def test_deactivating_a_user_ends_their_connections(
    root_client, lobby, alice, bob, process, announced, way
):
    enter(lobby, alice, alice, bob, process=process)
    announced.clear()
    if way == "form":
        save_user(root_client, alice, is_active=None)
    else:
        response = run_action(root_client, "user", "deactivate", alice)
        assert shown_messages(response) == ["Deactivated: 1 user."]
    assert not User.objects.get(pk=alice.pk).is_active
    assert list(Presence.objects.values_list("name", flat=True)) == ["bob"]
    assert events(lobby)[-1] == ("left", "alice")
    assert announced == [lobby.pk]


def test_changing_an_email_address_ends_no_connection(
    root_client, lobby, alice, process, announced
):
    enter(lobby, alice, process=process)
    announced.clear()
    save_user(root_client, alice, email="a@example.org")
    assert Connection.objects.count() == 1
    assert announced == []


def test_a_deactivated_user_can_be_activated(root_client, alice):
    lifecycle.deactivate(alice)
    response = run_action(root_client, "user", "activate", alice)
    assert shown_messages(response) == ["Activated: 1 user."]
    assert User.objects.get(pk=alice.pk).is_active


def test_setting_a_password_ends_the_connections_of_its_user(
    root_client, lobby, alice, bob, process, announced
):
    enter(lobby, alice, bob, process=process)
    announced.clear()
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    page = f"/admin/chat/user/{alice.pk}/password/"
    root_client.post(page, {**form, "password2": "something else 3"})
    assert Connection.objects.count() == 2
    root_client.post(page, form)
    assert list(Presence.objects.values_list("name", flat=True)) == ["bob"]
    assert announced == [lobby.pk]
    assert Client().login(username="alice", password=PASSWORD)


def test_setting_your_own_password_keeps_the_connections_of_this_browser(
    root_client, root, lobby, process
):
    this_session = root_client.session.session_key
    enter(lobby, root, process=process, session_key=this_session)
    enter(lobby, root, process=process, session_key="elsewhere")
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    root_client.post(f"/admin/chat/user/{root.pk}/password/", form)
    kept = [row.session_key for row in Connection.objects.all()]
    assert kept == [root_client.session.session_key]
    assert root_client.get("/admin/").status_code == 200


def test_setting_the_password_of_somebody_else_keeps_your_own_connections(
    root_client, root, lobby, alice, process
):
    old_key = root_client.session.session_key
    enter(lobby, root, process=process, session_key=old_key)
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    root_client.post(f"/admin/chat/user/{alice.pk}/password/", form)
    new_key = root_client.session.session_key
    assert new_key != old_key
    assert [row.session_key for row in Connection.objects.all()] == [new_key]


def test_disabling_a_password_ends_the_connections_of_its_user(root_client, lobby, process):
    dora = User.objects.create_user("dora", password=PASSWORD)
    enter(lobby, dora, process=process)
    form = {"usable_password": "false", "unset-password": "1"}
    root_client.post(f"/admin/chat/user/{dora.pk}/password/", form)
    assert not User.objects.get(pk=dora.pk).has_usable_password()
    assert not Connection.objects.exists()
