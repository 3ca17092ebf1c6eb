"""The rooms of an account that is deleted or deactivated: each keeps an owner."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.accounts import lifecycle
from chat.models import Membership, Mention, Message, Room, User
from chat.room import changes, creation, forgetting, log, membership, succession, summaries
from tests.support.presence import enter, events, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(lobby, alice):
    """A room of alice."""
    return creation.create(alice, "The Garden")


def add(room, name, role="member", days=0, *, active=True):
    """Let a new account be a member of a room for some days."""
    user = User.objects.create_user(name, is_active=active)
    since = timezone.now() - timedelta(days=days)
    Membership.objects.create(room=room, user=user, role=role, since=since)


def owners(room):
    owning = Membership.objects.filter(room=room, role="owner")
    return sorted(owning.values_list("user__username", flat=True))


def test_the_moderator_who_has_been_there_for_longest_becomes_the_owner(room, alice):
    add(room, "carol", days=9)
    add(room, "dora", "moderator", days=1)
    add(room, "erin", "moderator", days=3)
    add(room, "finn", "moderator", days=5, active=False)
    lifecycle.delete(alice)
    assert owners(room) == ["erin"]
    last = log.after(room.pk, 1, 9)
    assert [(line.kind, line.name, line.text) for line in last] == [
        ("parted", "deleted user", ""),
        ("role", "erin", "owner"),
    ]


def test_without_moderators_the_oldest_member_becomes_the_owner(room, alice):
    add(room, "carol", days=1)
    add(room, "dora", days=3)
    lifecycle.delete(alice)
    assert owners(room) == ["dora"]


def test_another_owner_stays_the_only_one(room, alice):
    add(room, "carol", "moderator", days=3)
    add(room, "dora", "owner")
    lifecycle.delete(alice)
    assert owners(room) == ["dora"]


def test_a_room_without_other_members_stays_with_its_log(room, alice):
    lifecycle.delete(alice)
    assert owners(room) == []
    assert events(room) == [("created", "deleted user"), ("parted", "deleted user")]


def test_a_room_whose_only_owner_is_deactivated_gets_another_one(lobby, room, alice, bob):
    add(room, "carol", "moderator")
    other = creation.create(bob, "The Attic")
    add(other, "dora", "owner")
    lifecycle.deactivate(bob)
    lifecycle.deactivate(alice)
    assert (owners(room), owners(other)) == (["alice", "carol"], ["bob", "dora"])
    last = log.after(room.pk, 1, 9)
    assert [(line.kind, line.name, line.text) for line in last] == [("role", "carol", "owner")]
    lifecycle.activate(alice)
    assert owners(room) == ["alice", "carol"]
    assert owners(lobby) == []


def test_a_room_of_deactivated_people_gets_an_owner_with_the_first_who_is_activated(room, alice):
    add(room, "carol", active=False)
    lifecycle.deactivate(alice)
    assert owners(room) == ["alice"]
    lifecycle.activate(User.objects.get(username="carol"))
    assert owners(room) == ["alice", "carol"]


def test_a_direct_room_stays_for_the_others(lobby, alice, bob, process):
    carol = User.objects.create_user("carol")
    (stay,) = enter(None, alice, process=process)
    room = creation.open_direct(alice, [bob, carol])
    key = Room.objects.get(pk=room.pk).people_key
    say(room, stay, "hello @bob")
    lifecycle.delete(alice)
    assert Room.objects.get(pk=room.pk).people_key == key
    assert summaries.of_room(room.pk, bob.pk).people == ["carol", "deleted user"]
    assert events(room)[-1] == ("said", "deleted user")
    assert summaries.of_room(room.pk, bob.pk).mentions == 1


def test_people_whom_the_account_has_invited_were_invited_by_a_deleted_user(room, alice, bob):
    membership.invite(room.pk, bob, alice)
    lifecycle.delete(alice)
    (joined,) = (line for line in log.after(room.pk, 0, 9) if line.kind == "joined")
    assert (joined.name, joined.text) == ("bob", "deleted user")


def test_people_whom_staff_have_removed_were_removed_by_a_deleted_user(room, bob):
    membership.join(room.pk, bob)
    staff = User.objects.create_user("stella", is_staff=True)
    membership.remove(room.pk, bob, staff)
    lifecycle.delete(staff)
    assert log.after(room.pk, 0, 9)[-1].text == "deleted user"


def test_mentions_of_the_account_go_with_it(room, alice, bob, process):
    membership.join(room.pk, bob)
    (stay,) = enter(None, alice, process=process)
    say(room, stay, "hello @bob")
    lifecycle.delete(bob)
    assert not Mention.objects.exists()


def test_an_account_that_is_removed_during_its_deletion_leaves_once(room, alice, bob, request):
    orchard = creation.create(alice, "Orchard")
    for each in (room, orchard):
        membership.join(each.pk, bob)

    def remove_from_orchard(room_id):
        changes.listen(None)
        membership.remove(orchard.pk, bob, alice)

    request.addfinalizer(lambda: changes.listen(None))
    changes.listen(remove_from_orchard)  # when bob has left the first room
    succession.leave_all(bob)
    assert [kind for kind, _ in events(room)].count("parted") == 1
    assert [kind for kind, _ in events(orchard)].count("parted") == 1


def test_a_deletion_that_has_failed_can_be_repeated(room, alice, bob, monkeypatch):
    membership.join(room.pk, bob)

    def fail(user):
        monkeypatch.undo()
        raise RuntimeError

    monkeypatch.setattr(forgetting, "forget_author", fail)
    with pytest.raises(RuntimeError):
        lifecycle.delete(alice)
    assert owners(room) == ["bob"]
    lifecycle.delete(alice)
    assert not User.objects.filter(username="alice").exists()


def test_only_rooms_with_lines_of_the_account_are_locked(room, alice, bob):
    for number in range(5):
        creation.create(bob, f"room {number}")
    with CaptureQueriesContext(connection) as statements:
        forgetting.forget_author(alice)
    updates = [each["sql"] for each in statements if "revision" in each["sql"]]
    assert len([sql for sql in updates if sql.startswith("UPDATE")]) == 1
    assert not Message.objects.filter(author=alice).exists()
