"""Access keys: how they are made, found, limited and revoked."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.accounts import access_keys, lifecycle, sessions, throttling
from chat.accounts.events import Requester
from chat.models import AccessKey, Connection, SecurityEvent, User
from chat.names.access_keys import contains_key
from chat.room import presence
from chat.room.presence import Entrant
from chat.room.refusal import RefusalCode, Refused

pytestmark = pytest.mark.django_db(transaction=True)

TERMINAL = Requester(address="192.0.2.1", user_agent="telnet")


@pytest.fixture
def key(alice):
    return access_keys.create(alice, "Laptop")


def recorded():
    """Return (kind, account, detail) of all security events."""
    return list(SecurityEvent.objects.order_by("pk").values_list("kind", "account_key", "detail"))


# Creating


def test_a_key_is_long_and_random_and_not_kept(alice, key):
    assert re.fullmatch(r"cs_[a-z2-9]{20}", key)
    assert key != access_keys.create(alice, "Laptop")
    kept = repr(list(AccessKey.objects.values_list()))
    assert key not in kept
    assert key.removeprefix("cs_") not in kept


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * 41])
def test_a_key_needs_a_visible_name(alice, name):
    with pytest.raises(Refused) as refused:
        access_keys.create(alice, name)
    assert refused.value.code is RefusalCode.BAD_NAME


def test_an_account_has_a_limited_number_of_keys(alice):
    for number in range(access_keys.MAX_KEYS):
        access_keys.create(alice, f"key {number}")
    with pytest.raises(Refused) as refused:
        access_keys.create(alice, "one more")
    assert refused.value.code is RefusalCode.NOT_ALLOWED


def test_keys_are_listed_with_their_last_use(alice, bob, key):
    access_keys.create(alice, "Phone")
    access_keys.create(bob, "Desk")
    assert access_keys.find("alice", key).user == alice
    phone, laptop = access_keys.of_account(alice)
    assert (phone.name, phone.last_used) == ("Phone", None)
    assert (laptop.name, laptop.last_used > laptop.created) == ("Laptop", True)


def test_the_last_use_is_written_once_a_minute(alice, key):
    access_keys.find("alice", key)
    with CaptureQueriesContext(connection) as statements:
        access_keys.find("alice", key)
    assert len(statements) == 1
    earlier = timezone.now() - timedelta(minutes=2)
    AccessKey.objects.update(last_used=earlier)
    access_keys.find("alice", key)
    assert AccessKey.objects.get().last_used > earlier


# Finding


@pytest.mark.parametrize("name", ["alice", "Alice", "аlice"])
def test_the_key_of_an_account_is_right_for_its_name_by_key(alice, key, name):
    assert access_keys.find(name, key).user == alice


def test_other_keys_and_names_are_wrong(alice, bob, key):
    assert access_keys.find("bob", key) is None
    assert access_keys.find("nobody", key) is None
    assert access_keys.find("alice", key + "x") is None
    assert access_keys.find("alice", "") is None
    assert access_keys.find("\0", "\ud800") is None
    User.objects.update(is_active=False)
    assert access_keys.find("alice", key) is None


def test_wrong_keys_take_one_statement_whether_or_not_there_is_the_account(alice, key):
    for name in ("alice", "nobody"):
        with CaptureQueriesContext(connection) as statements:
            access_keys.find(name, "cs_wrong")
        assert len(statements) == 1


# Signing in


def test_signing_in_is_recorded_without_the_key(alice, key):
    assert access_keys.sign_in("alice", key, TERMINAL).user == alice
    assert access_keys.sign_in("nobody", key, TERMINAL) is None
    assert recorded()[1:] == [
        ("signed_in", "allce", "access key Laptop"),
        ("sign_in_failed", "", "access key"),  # no name of an account, so it is not kept
    ]


@pytest.mark.usefixtures("one_window")
def test_wrong_keys_count_for_the_address_and_right_ones_do_not(alice, key):
    for _ in range(throttling.WRONG_KEYS_FROM_ADDRESS.most):
        assert access_keys.sign_in("alice", key, TERMINAL)
        assert access_keys.sign_in("alice", "cs_wrong", TERMINAL) is None
    with pytest.raises(throttling.TooManyAttempts):
        access_keys.sign_in("alice", "cs_wrong", TERMINAL)
    assert recorded()[-1] == ("throttled", "allce", "wrong keys from address")
    assert access_keys.sign_in("alice", key, TERMINAL._replace(address="192.0.2.2"))


# Revoking


def test_a_revoked_key_is_wrong_and_its_connections_end(lobby, alice, bob, key, process):
    phone = access_keys.create(alice, "Phone")
    laptop = access_keys.find("alice", key)
    presence.enter(
        [
            Entrant("alice", alice.pk, process, "legacy", each.session_key)
            for each in (laptop, access_keys.find("alice", phone))
        ]
    )
    access_keys.revoke(bob, laptop.pk)
    assert Connection.objects.count() == 2
    access_keys.revoke(alice, laptop.pk)
    access_keys.revoke(alice, laptop.pk)
    assert access_keys.find("alice", key) is None
    assert access_keys.find("alice", phone).user == alice
    assert Connection.objects.count() == 1
    assert [each[0] for each in recorded()] == ["key_created", "key_created", "key_revoked"]


def test_connections_by_key_live_as_long_as_the_key(alice, key):
    mine = access_keys.find("alice", key).session_key
    assert sessions.not_signed_in([mine, "gone"]) == {"gone"}
    assert sessions.users_of([mine]) == {}  # a browser cannot use it as a cookie
    access_keys.revoke(alice, AccessKey.objects.get().pk)
    assert sessions.not_signed_in([mine]) == {mine}


def test_signing_out_of_a_browser_spares_connections_by_key(lobby, alice, key, process):
    mine = access_keys.find("alice", key).session_key
    presence.enter([Entrant("alice", alice.pk, process, "legacy", mine)])
    sessions.disconnect_ended_session("a", alice.pk)
    assert Connection.objects.count() == 1


def test_keys_do_not_revive_with_a_deactivated_account(alice, key):
    lifecycle.deactivate(alice)
    assert access_keys.find("alice", key) is None
    lifecycle.activate(alice)
    assert access_keys.find("alice", key) is None


# Names


@pytest.mark.parametrize("name", ["an cs_abc", "cs_abcdefgh", "x CS_a", "an,cs_abc"])
def test_a_name_with_a_key_is_refused(name):
    assert contains_key(name)


@pytest.mark.parametrize("name", ["physics_fan", "cs", "cs-a", "ann"])
def test_other_names_contain_no_key(name):
    assert not contains_key(name)
