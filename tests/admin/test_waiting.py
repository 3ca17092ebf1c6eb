"""Reports, held messages and join requests in the admin site, which the rules decide about."""

import pytest
from django.utils import timezone

from chat.models import HeldMessage, JoinRequest, Membership, Message, Report, Room
from chat.room import creation, log
from tests.support.admin import create_staff, listed, run_action, shown_messages, signed_in
from tests.support.moderation_entries import entries, new_entries


@pytest.fixture
def garden(lobby, alice):
    return creation.create(alice, "Garden")


@pytest.fixture
def cellar(lobby, alice):
    return creation.create(alice, "Cellar", private=True)


def report(room, name, **fields):
    return Report.objects.create(
        room=room,
        name=name,
        key=name,
        reporter_name="bob",
        reporter_key="bob",
        why="rude",
        context=[{"seq": 7, "name": name, "text": "<b>go away</b>", "at": ""}],
        at=timezone.now(),
        **fields,
    )


def hold(room, user, text):
    return HeldMessage.objects.create(
        room=room, user=user, name=user.username, key=user.key, text=text, at=timezone.now()
    )


def reason_and_run(client, model, action, row, reason):
    form = {"action": action, "_selected_action": [row.pk], "index": 0, "reason": reason}
    return client.post(f"/admin/chat/{model}/", form, follow=True)


# Reports


def test_staff_read_reports_with_their_context(root_client, garden):
    found = report(garden, "eve", seq=7)
    assert [row.name for row in listed(root_client.get("/admin/chat/report/?q=rude"))] == ["eve"]
    page = root_client.get(f"/admin/chat/report/{found.pk}/change/").content.decode()
    assert "&lt;b&gt;go away&lt;/b&gt;" in page


def test_nobody_sees_reports_about_themselves_in_the_admin(root_client, garden, root):
    found = report(garden, "root", user=root)
    assert listed(root_client.get("/admin/chat/report/")) == []
    run_action(root_client, "report", "dismiss", found)
    assert Report.objects.get().state == "open"
    other = signed_in(create_staff("moderate"))
    assert len(listed(other.get("/admin/chat/report/"))) == 1


def test_staff_handle_and_dismiss_reports(root_client, garden):
    first, second = report(garden, "eve"), report(garden, "mallory")
    new_entries()
    reason_and_run(root_client, "report", "handle", first, "muted")
    reason_and_run(root_client, "report", "dismiss", second, "")
    states = list(Report.objects.order_by("pk").values_list("state", "decided_by"))
    assert states == [("handled", "root"), ("dismissed", "root")]
    assert entries("action", "target", "reason", "door") == [
        ("handle", "eve", "muted", "admin"),
        ("dismiss", "mallory", "", "admin"),
    ]
    response = run_action(root_client, "report", "handle", first)
    assert "Somebody has decided about it already." in shown_messages(response)[0]


# Held messages


def test_staff_release_held_messages_in_the_order_in_which_they_were_said(root_client, garden, bob):
    first, second = hold(garden, bob, "one"), hold(garden, bob, "two")
    new_entries()
    response = run_action(root_client, "heldmessage", "release", first, second)
    assert shown_messages(response) == ["Released: 2 held messages."]
    said = [line.text for line in log.after(garden.pk, 0, 100) if line.kind == "said"]
    assert said == ["one", "two"]
    assert new_entries() == [("release", "root", "bob", "admin")] * 2


def test_staff_refuse_held_messages_with_a_reason(root_client, garden, bob):
    held = hold(garden, bob, "buy")
    reason_and_run(root_client, "heldmessage", "refuse", held, "advertising")
    held.refresh_from_db()
    assert (held.decision, held.decided_by, held.reason) == ("refused", "root", "advertising")
    assert not Message.objects.filter(text="buy").exists()
    assert entries("action", "reason", "door")[-1] == ("refuse", "advertising", "admin")


# Requests


def test_staff_let_people_into_rooms_or_decline(root_client, garden, bob, root):
    Room.objects.filter(pk=garden.pk).update(by_request=True)
    request = JoinRequest.objects.create(room=garden, user=bob, at=timezone.now())
    run_action(root_client, "joinrequest", "admit", request)
    assert Membership.objects.filter(room=garden, user=bob).exists()
    Membership.objects.filter(room=garden, user=bob).delete()
    request = JoinRequest.objects.create(room=garden, user=bob, at=timezone.now())
    reason_and_run(root_client, "joinrequest", "decline", request, "full")
    assert not Membership.objects.filter(room=garden, user=bob).exists()
    assert not JoinRequest.objects.exists()
    done = [entry for entry in entries("action", "target", "door") if entry[1] == "bob"]
    assert done == [("admit", "bob", "admin"), ("decline", "bob", "admin")]


# Permissions


@pytest.mark.parametrize("model", ["report", "heldmessage", "joinrequest"])
def test_what_waits_in_private_rooms_is_for_superusers(root_client, cellar, bob, model):
    report(cellar, "eve")
    hold(cellar, bob, "secret")
    JoinRequest.objects.create(room=cellar, user=bob, at=timezone.now())
    page = f"/admin/chat/{model}/"
    assert len(listed(root_client.get(page))) == 1
    assert listed(signed_in(create_staff("moderate")).get(page)) == []


@pytest.mark.parametrize("model", ["report", "heldmessage", "joinrequest"])
def test_staff_without_permissions_see_nothing_that_waits(transactional_db, model):
    assert signed_in(create_staff()).get(f"/admin/chat/{model}/").status_code == 403
