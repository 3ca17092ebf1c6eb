"""The actions of staff in the admin site have entries in the log of moderation, with the door."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from chat.accounts import lifecycle
from chat.models import Membership, Message, ModerationEntry, Presence, User
from chat.room import creation, membership
from tests.support.admin import run_action, save_room, save_user
from tests.support.moderation_entries import entries, new_entries
from tests.support.presence import enter


@pytest.fixture
def root_browser(root):
    browser = Client(REMOTE_ADDR="192.0.2.1")
    browser.force_login(root)
    return browser


@pytest.fixture
def garden(lobby, alice, bob):
    """An open room that alice owns, and in which bob is a member."""
    room = creation.create(alice, "Garden")
    membership.join(room.pk, bob)
    ModerationEntry.objects.all().delete()
    return room


def test_an_entry_says_from_where_staff_have_acted(root_browser, root, alice):
    run_action(root_browser, "user", "deactivate", alice)
    fields = ("by", "by_id", "by_address", "target", "target_id", "target_key", "door")
    assert entries(*fields) == [
        ("root", root.pk, "192.0.2.1", "alice", alice.pk, alice.key, "admin")
    ]


def test_deactivating_activating_and_deleting_an_account_are_in_the_log(root_browser, alice, bob):
    run_action(root_browser, "user", "deactivate", alice)
    run_action(root_browser, "user", "activate", alice)
    save_user(root_browser, alice, is_active=None)
    root_browser.post(f"/admin/chat/user/{alice.pk}/delete/", {"post": "yes"})
    assert new_entries() == [
        (action, "root", "alice", "admin")
        for action in ("deactivate", "activate", "deactivate", "delete")
    ]


def test_changes_of_rights_are_in_the_log(root_browser, alice):
    helpers = Group.objects.create(name="Helpers")
    save_user(root_browser, alice, is_staff="on", groups=[helpers.pk])
    assert entries("action", "target", "detail") == [
        ("role", "alice", "is_staff: on, groups: +Helpers")
    ]


def test_changes_of_what_a_group_may_do_are_in_the_log(root_browser):
    helpers = Group.objects.create(name="Helpers")
    permission = Permission.objects.get(codename="moderate")
    form = {"name": "Helpers", "permissions": [permission.pk]}
    root_browser.post(f"/admin/auth/group/{helpers.pk}/change/", form)
    assert entries("action", "by", "detail") == [
        ("role", "root", f"changed group “Helpers”: permissions: +{permission}")
    ]


def test_disconnecting_people_is_in_the_log(root_browser, lobby, alice, process):
    enter(lobby, alice, "eve", process=process)
    run_action(root_browser, "presence", "disconnect", *Presence.objects.order_by("pk"))
    assert new_entries() == [
        ("disconnect", "root", "alice", "admin"),
        ("disconnect", "root", "eve", "admin"),
    ]
    assert not Presence.objects.exists()


def test_removing_messages_is_in_the_log(root_browser, conversation):
    ModerationEntry.objects.all().delete()
    message = Message.objects.get(text="good night")
    run_action(root_browser, "message", "remove", message)
    assert entries("action", "by", "target", "seq", "room_id", "door") == [
        ("remove", "root", "bob", message.seq, conversation.pk, "admin")
    ]


def test_changes_of_a_room_and_its_members_are_in_the_log(root_browser, garden, bob):
    row = {"id": Membership.objects.get(room=garden, user=bob).pk, "room": garden.pk}
    save_room(root_browser, garden, [row | {"role": "moderator"}], topic="Wild", access="guests")
    save_room(
        root_browser,
        garden,
        [row | {"role": "moderator", "DELETE": "on"}],
        topic="Wild",
        access="guests",
    )
    run_action(root_browser, "room", "archive", garden)
    found = new_entries()
    assert {(by, door) for _, by, _, door in found} == {("root", "admin")}
    assert [(action, target) for action, _, target, _ in found] == [
        ("rules", ""),
        ("rules", ""),
        ("role", "bob"),
        ("kick", "bob"),
        ("rules", ""),
    ]


def test_new_rules_of_a_room_are_lines_and_entries(root_browser, garden):
    save_room(root_browser, garden, slow_seconds=30, locked="on", by_request="on")
    save_room(
        root_browser, garden, slow_seconds=30, locked="on", by_request="on", tells_moderation=None
    )
    garden.refresh_from_db()
    rules = garden.slow_seconds, garden.locked, garden.by_request, garden.tells_moderation
    assert rules == (30, True, True, False)
    lines = Message.objects.filter(room=garden, kind="rules").order_by("seq")
    assert [line.text for line in lines][:3] == ["slow 30", "locked", "by_request"]
    assert [action for action, *_ in new_entries()] == ["slow", "lock", "rules", "rules"]


def test_slow_mode_has_a_largest_number(root_browser, garden):
    response = save_room(root_browser, garden, slow_seconds=10**9)
    assert "slow_seconds" in response.context["adminform"].form.errors


def test_nobody_has_to_ask_before_entering_the_lobby(root_browser, lobby):
    save_room(root_browser, lobby, by_request="on", locked="on")
    lobby.refresh_from_db()
    assert (lobby.by_request, lobby.locked) == (False, True)


def test_looks_into_private_rooms_are_in_the_log_once_an_hour(root_browser, lobby, alice):
    cellar = creation.create(alice, "Cellar", private=True)
    new_entries()
    for _ in range(2):
        root_browser.get(f"/admin/chat/room/{cellar.pk}/change/")
    root_browser.get("/admin/chat/membership/")
    details = [f"looked at {what}, private rooms: {cellar.pk}" for what in ("rooms", "memberships")]
    assert entries("action", "by", "detail") == [("look", "root", detail) for detail in details]


def test_what_people_do_to_their_own_account_is_no_moderation(alice):
    lifecycle.delete(alice)
    assert not User.objects.filter(username="alice").exists()
    assert new_entries() == []
