"""Sessions end when an account is deactivated, and cookies that nobody was given are unknown."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.test import Client

from chat.accounts import lifecycle, sessions
from chat.models import User
from tests.support.admin import create_staff, run_action, save_user, signed_in

LATER = datetime(2100, 1, 1, tzinfo=UTC)


def is_signed_in(client):
    return client.get("/accounts/").status_code == 200


@pytest.mark.parametrize("way", ["function", "form", "action"])
def test_sessions_end_at_the_deactivation_and_do_not_revive(alice, bob, way):
    root = signed_in(User.objects.create_superuser("root"))
    browsers = [signed_in(alice), signed_in(alice)]
    other = signed_in(bob)
    if way == "function":
        lifecycle.deactivate(alice)
        lifecycle.activate(alice)
    elif way == "form":
        save_user(root, alice, is_active=None)
        save_user(root, User.objects.get(pk=alice.pk), is_active="on")
    else:
        run_action(root, "user", "deactivate", alice)
        run_action(root, "user", "activate", alice)
    assert User.objects.get(pk=alice.pk).is_active
    assert not any(is_signed_in(browser) for browser in browsers)
    assert is_signed_in(other)
    assert is_signed_in(root)


def test_a_session_that_began_during_the_deactivation_does_not_revive(alice):
    lifecycle.deactivate(alice)
    browser = signed_in(alice)  # it had checked the password before
    lifecycle.activate(User.objects.get(pk=alice.pk))
    assert not is_signed_in(browser)


def test_the_sessions_of_many_users_end_together(alice, bob, django_assert_max_num_queries):
    for user in [alice, bob] * 3:
        signed_in(user)
    Session.objects.create(session_key="x" * 32, session_data="rubbish", expire_date=LATER)
    with django_assert_max_num_queries(4):
        sessions.end_all([alice, bob])
    assert [row.session_key for row in Session.objects.all()] == ["x" * 32]


KEYS = ["\0" * 32, "a" * 31 + "\0", "", "short", "é" * 32, "a" * 4000, "'; --" * 5]


def session_cookie(key):
    """Return a `Cookie` header. Newer versions of Python make none of control characters."""
    plain = (c if c.isascii() and c.isalnum() else f"\\{ord(c):03o}" for c in key)
    return f'{settings.SESSION_COOKIE_NAME}="{"".join(plain)}"'


@pytest.mark.parametrize("page", ["/accounts/login/", "/", "/admin/"])
def test_a_cookie_with_an_impossible_key_is_unknown(transactional_db, page):
    for key in KEYS:
        response = Client().get(page, follow=True, HTTP_COOKIE=session_cookie(key))
        assert response.status_code == 200, key


def test_the_session_of_an_impossible_key_can_be_replaced_by_signing_in(alice):
    client = Client()
    form = {"username": "alice", "password": "wonderland 7"}
    client.post("/accounts/login/", form, HTTP_COOKIE=session_cookie("\0" * 32))
    assert is_signed_in(client)


# Admin log entries of deleted accounts


def test_what_an_account_did_in_the_admin_site_survives_the_account(lobby, alice, bob):
    root = User.objects.create_superuser("root")
    warden = create_staff("view_user", "change_user")
    run_action(signed_in(warden), "user", "deactivate", alice)
    (entry,) = LogEntry.objects.all()
    lifecycle.delete(warden)
    page = signed_in(root).get(f"/admin/chat/user/{alice.pk}/history/").content.decode()
    assert not User.objects.filter(pk=warden.pk).exists()
    assert "Deactivated." in page
    assert "deleted user" in page
    assert LogEntry.objects.get().pk == entry.pk


def test_one_account_without_rights_stands_for_all_deleted_ones(lobby):
    root = User.objects.create_superuser("root")
    for name in ("warden", "keeper"):
        staff = create_staff(name=name)
        LogEntry.objects.log_actions(staff.pk, [staff], CHANGE, "Something.")
        lifecycle.delete(staff)
    placeholder = User.objects.get(username="deleted user")
    assert LogEntry.objects.filter(user=placeholder).count() == 2
    assert not placeholder.is_active
    assert not placeholder.has_usable_password()
    client = signed_in(root)
    assert "deleted user" not in client.get("/admin/chat/user/").content.decode()
    run_action(client, "user", "delete_selected", placeholder)
    response = client.get(f"/admin/chat/user/{placeholder.pk}/delete/", follow=True)
    assert response.status_code == 200
    assert response.redirect_chain
    run_action(client, "user", "activate", placeholder)
    placeholder.refresh_from_db()
    assert not placeholder.is_active


def test_an_account_that_did_nothing_in_the_admin_site_leaves_no_trace(lobby, alice):
    lifecycle.delete(alice)
    assert not User.objects.exists()
