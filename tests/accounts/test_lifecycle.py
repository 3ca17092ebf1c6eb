"""The life of an account, called as functions: sign-up, password, deactivation, deletion."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.utils import timezone

from chat.accounts import lifecycle
from chat.models import Message, Presence, SeenAddress, User
from chat.names import key_of
from chat.room import forgetting, moderation, seen_addresses, targets
from chat.room.seen_addresses import Sighting
from tests.support.accounts import NEW_PASSWORD, PASSWORD, browser_of, open_connections
from tests.support.moderating import OPERATOR
from tests.support.presence import enter
from tests.support.threads import overlap

pytestmark = pytest.mark.django_db(transaction=True)


def fail(*args):
    raise OperationalError("canceling statement due to lock timeout")


# Signing up


def test_a_guest_who_enters_while_the_password_is_hashed_keeps_the_name(
    monkeypatch, lobby, process
):
    set_password = User.set_password

    def set_password_slowly(user, password):
        set_password(user, password)
        enter(lobby, "dora", process=process)

    monkeypatch.setattr(User, "set_password", set_password_slowly)
    with pytest.raises(lifecycle.NameTaken):
        lifecycle.sign_up("dora", PASSWORD)
    assert not User.objects.exists()


def test_one_of_many_concurrent_sign_ups_for_a_name_succeeds():
    def sign_up(name):
        try:
            lifecycle.sign_up(name, PASSWORD)
        except lifecycle.NameTaken:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(sign_up, ["alice", "Alice", "ALICE", "aIice"] * 2))

    assert outcomes.count(True) == 1
    assert User.objects.count() == 1


def test_the_database_refuses_a_second_account_with_the_same_key(alice):
    with pytest.raises(IntegrityError):
        User.objects.create_user("Alice", "", PASSWORD)
    assert alice.key == key_of("aIice")


# Setting a password


def test_setting_a_password_can_be_repeated_after_a_failure(alice, lobby, process, failing_once):
    enter(lobby, alice, process=process)
    with pytest.raises(OperationalError):
        lifecycle.set_password(alice, NEW_PASSWORD)
    browser_of(alice, PASSWORD)

    lifecycle.set_password(alice, NEW_PASSWORD)

    assert not open_connections()
    browser_of(alice, NEW_PASSWORD)


# Deactivating


def test_an_account_that_was_just_deactivated_cannot_enter(alice, lobby, process):
    lifecycle.deactivate(alice)
    (refused,) = enter(lobby, alice, process=process)
    assert refused.code == "gone"
    assert not Presence.objects.exists()


def test_deactivating_can_be_repeated_after_a_failure(alice, lobby, process, failing_once):
    enter(lobby, alice, process=process)
    with pytest.raises(OperationalError):
        lifecycle.deactivate(alice)
    assert User.objects.get(is_active=True) == alice

    lifecycle.deactivate(User.objects.get())

    assert not User.objects.filter(is_active=True).exists()
    assert not open_connections()


# Deleting


@pytest.mark.parametrize("active", [True, False])
def test_a_failed_deletion_leaves_the_account_as_active_as_it_was(alice, monkeypatch, active):
    if not active:
        lifecycle.deactivate(alice)
    monkeypatch.setattr(forgetting, "forget_author", fail)
    with pytest.raises(OperationalError):
        lifecycle.delete(alice)
    assert User.objects.get().is_active is active


@pytest.mark.parametrize("state", ["never muted", "muted", "muted until now"])
def test_the_addresses_of_an_account_go_with_it_unless_a_sanction_holds(lobby, alice, bob, state):
    now = timezone.now()
    seen_addresses.store(
        [
            Sighting("alice", alice.pk, "192.0.2.1", now),
            Sighting("alice", alice.pk, "192.0.2.2", now),
            Sighting("bob", bob.pk, "192.0.2.1", now),
        ]
    )
    if state != "never muted":
        mute = moderation.mute(OPERATOR, targets.of_account(alice))
    if state == "muted until now":
        moderation.lift(OPERATOR, mute.pk)

    lifecycle.delete(alice)

    left = ["alice", "alice", "bob"] if state == "muted" else ["bob"]
    assert list(SeenAddress.objects.order_by("name").values_list("name", flat=True)) == left


def test_an_address_that_waits_while_the_account_is_deleted_is_not_stored(lobby, alice, bob):
    now = timezone.now()
    waiting = [Sighting(user.username, user.pk, "192.0.2.1", now) for user in (alice, bob)]
    lifecycle.delete(alice)
    seen_addresses.store(waiting)
    assert SeenAddress.objects.get().name == "bob"


@pytest.mark.only_postgresql  # SQLite locks the whole database
def test_no_address_is_stored_at_the_moment_of_the_deletion(lobby, alice):
    sighting = Sighting("alice", alice.pk, "192.0.2.1", timezone.now())

    def delete():
        seen_addresses.forget(alice)
        alice.delete()

    assert overlap(delete, lambda: seen_addresses.store([sighting]))
    assert not SeenAddress.objects.exists()


def test_a_connection_that_opens_during_the_deletion_is_ended(alice, lobby, process, monkeypatch):
    forget_author, entrants = forgetting.forget_author, [alice]

    def forget_author_and_enter(user):
        forget_author(user)
        if entrants:  # an administrator activates the account at this moment
            User.objects.update(is_active=True)
            enter(lobby, entrants.pop(), process=process)
            User.objects.update(is_active=False)

    monkeypatch.setattr(forgetting, "forget_author", forget_author_and_enter)
    lifecycle.delete(alice)

    assert not User.objects.exists()
    assert not Presence.objects.exists()
    assert set(Message.objects.values_list("name", flat=True)) == {"deleted user"}
