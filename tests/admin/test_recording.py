"""Actions of staff in the admin site, and of administrators with commands, are recorded."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client

from chat.admin import recording
from chat.models import Presence, User
from tests.support.accounts import NEW_PASSWORD
from tests.support.admin import room_form, run_action, save_room, save_user
from tests.support.events import new_events, recorded
from tests.support.presence import enter

ROOT = "root"


@pytest.fixture
def root_browser(root):
    browser = Client(REMOTE_ADDR="192.0.2.1", HTTP_USER_AGENT="Firefox")
    browser.force_login(root)
    return browser


def test_a_change_of_each_right_says_who_gave_it_to_whom_from_where(root_browser, alice):
    guides, moderators = (Group.objects.create(name=name) for name in ("Guides", "Moderators"))
    alice.groups.add(guides)
    permission = Permission.objects.get(codename="view_message")
    changes = {
        "is_staff": "on",
        "is_active": None,
        "groups": [moderators.pk],
        "user_permissions": [permission.pk],
    }
    save_user(root_browser, alice, **changes)
    (event,) = recorded("kind", "account", "by", "address", "detail")
    assert event == (
        *("rights_changed", "alice", ROOT, "192.0.2.1"),
        "is_active: off, is_staff: on, groups: +Moderators, groups: -Guides, "
        f"user_permissions: +{permission}",
    )


def test_a_change_of_many_rights_is_recorded_completely(root_browser, alice):
    permissions = Permission.objects.all()
    save_user(root_browser, alice, user_permissions=[each.pk for each in permissions])
    found = recorded("kind", "account", "detail")
    assert {(kind, account) for kind, account, _ in found} == {("rights_changed", "alice")}
    changes = ", ".join(detail for *_, detail in found).split(", ")
    assert sorted(changes) == sorted(f"user_permissions: +{each}" for each in permissions)


def test_every_right_that_the_form_can_change_is_known(root_browser, alice):
    page = root_browser.get(f"/admin/chat/user/{alice.pk}/change/")
    fields = set(page.context["adminform"].form.fields)
    assert fields == {"password", "email", *recording.RIGHTS}


def test_a_form_that_changes_nothing_is_not_recorded(root_browser, alice, lobby):
    save_user(root_browser, alice)
    root_browser.post(f"/admin/chat/room/{lobby.pk}/change/", room_form(lobby))
    assert new_events() == []


def test_staff_add_and_change_and_delete_accounts(root_browser):
    passwords = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    root_browser.post("/admin/chat/user/add/", {"username": "dora", **passwords})
    dora = User.objects.get(username="dora")
    save_user(root_browser, dora, email="dora@example.org")
    set_password = f"/admin/chat/user/{dora.pk}/password/"
    root_browser.post(set_password, passwords)
    root_browser.post(set_password, {"usable_password": "false", "unset-password": "1"})
    run_action(root_browser, "user", "deactivate", dora)
    run_action(root_browser, "user", "activate", dora)
    root_browser.post(f"/admin/chat/user/{dora.pk}/delete/", {"post": "yes"})
    assert new_events() == [
        ("account_created", "dora", ROOT, ""),
        ("email_changed", "dora", ROOT, ""),
        ("password_changed", "dora", ROOT, ""),
        ("password_changed", "dora", ROOT, "no password"),
        ("rights_changed", "dora", ROOT, "is_active: off"),
        ("rights_changed", "dora", ROOT, "is_active: on"),
        ("account_deleted", "dora", ROOT, ""),
    ]


def test_selected_accounts_are_deleted_one_event_each(root_browser, alice, bob):
    form = {"action": "delete_selected", "_selected_action": [alice.pk, bob.pk], "post": "yes"}
    root_browser.post("/admin/chat/user/", form)
    assert sorted(new_events()) == [
        ("account_deleted", "alice", ROOT, ""),
        ("account_deleted", "bob", ROOT, ""),
    ]


def test_staff_add_and_change_and_delete_groups(root_browser):
    permission = Permission.objects.get(codename="view_message")
    root_browser.post("/admin/auth/group/add/", {"name": "Guides"})
    group = Group.objects.get()
    form = {"name": "Guides", "permissions": [permission.pk]}
    root_browser.post(f"/admin/auth/group/{group.pk}/change/", form)
    root_browser.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
    assert new_events() == [
        ("rights_changed", "", ROOT, "added group “Guides”: name"),
        ("rights_changed", "", ROOT, f"changed group “Guides”: permissions: +{permission}"),
        ("rights_changed", "", ROOT, "deleted group “Guides”"),
    ]


def test_staff_rename_the_room_and_remove_messages(root_browser, conversation):
    save_room(root_browser, conversation, name="Hall")
    run_action(root_browser, "message", "remove", *conversation.message_set.filter(kind="said"))
    run_action(root_browser, "message", "remove", *conversation.message_set.filter(kind="said"))
    assert new_events() == [
        ("staff_action", "", ROOT, "changed room “Hall”: name"),
        ("staff_action", "", ROOT, "removed 3 messages"),
    ]


def test_staff_disconnect_people(root_browser, lobby, alice, process):
    enter(lobby, alice, "carol", process=process)
    run_action(root_browser, "presence", "disconnect", *Presence.objects.order_by("entered"))
    assert new_events() == [
        ("disconnected", "alice", ROOT, "alice"),
        ("disconnected", "", ROOT, "carol"),
    ]


def test_the_name_of_staff_stays_when_their_account_is_deleted(root_browser, root, alice):
    save_user(root_browser, alice, is_superuser="on", is_staff="on")
    root.delete()
    assert recorded("account", "by") == [("alice", ROOT)]


def test_commands_create_administrators_and_set_passwords(alice, monkeypatch, lobby, process):
    call_command("createsuperuser", username="root", email="", interactive=False)
    enter(lobby, alice, process=process)
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW_PASSWORD)
    call_command("changepassword", "alice")
    assert recorded("kind", "account", "user_agent", "detail") == [
        ("account_created", "root", "manage.py", "createsuperuser"),
        ("password_changed", "alice", "manage.py", ""),
    ]
    assert not Presence.objects.exists()
