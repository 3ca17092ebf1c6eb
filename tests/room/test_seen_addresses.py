"""The addresses from which people were here, for moderators who may ban by them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.room import seen_addresses, targets
from chat.room.seen_addresses import Sighting

pytestmark = pytest.mark.django_db(transaction=True)


def see(*seen):
    """Store (name, account, address) as seen at times that follow each other."""
    now = timezone.now()
    for number, (name, user, address) in enumerate(seen):
        at = now + timedelta(seconds=number)
        seen_addresses.store([Sighting(name, user and user.pk, address, at)])


def shown(rows):
    return [(row.name, row.address) for row in rows]


def test_the_addresses_of_a_person_are_the_same_under_look_alike_names(alice):
    see(("Eve", None, "192.0.2.1"), ("еve", None, "192.0.2.2"), ("alice", alice, "192.0.2.1"))
    found = seen_addresses.addresses_of(targets.find("eve"))
    assert shown(found) == [("еve", "192.0.2.2"), ("Eve", "192.0.2.1")]
    assert shown(seen_addresses.addresses_of(targets.of_account(alice))) == [("alice", "192.0.2.1")]


def test_somebody_who_comes_again_is_stored_once_with_the_newest_time_and_name(alice):
    see(("Eve", None, "192.0.2.1"), ("eve", None, "192.0.2.2"), ("EVE", None, "192.0.2.1"))
    found = seen_addresses.addresses_of(targets.find("eve"))
    assert shown(found) == [("EVE", "192.0.2.1"), ("eve", "192.0.2.2")]


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("address:192.0.2.1", ["Eve", "alice"]),
        ("address:::ffff:192.0.2.1", ["Eve", "alice"]),
        ("network:192.0.2.5/29", ["bob", "Eve", "alice"]),
        ("address:2001:0DB8:0000:0000:0000::5", ["dora", "carol"]),
        ("network:2001:DB8::/64", ["dora", "carol"]),
        ("network:2001:db8::/32", ["erin", "dora", "carol"]),
        ("network:2001:db8:3::/48", []),
    ],
)
def test_the_people_of_an_address_or_a_network_are_found(alice, target, names):
    see(
        ("alice", alice, "192.0.2.1"),
        ("Eve", None, "192.0.2.1"),
        ("bob", None, "192.0.2.2"),
        ("carol", None, "2001:db8::1"),
        ("dora", None, "2001:db8::a:b:c:d"),
        ("erin", None, "2001:db8:0:1::1"),
        ("frank", None, "192.0.2.200"),
        ("grace", None, "192.0.2.10"),
    )
    found = seen_addresses.of_target(targets.find(target))
    assert [name for name, _ in shown(found)] == names


def test_only_the_newest_addresses_of_a_large_network_are_looked_up(lobby, monkeypatch):
    monkeypatch.setattr(seen_addresses, "MAX_FOUND", 2)
    see(*((f"guest {number}", None, f"192.0.2.{number}") for number in range(4)))
    found = seen_addresses.of_target(targets.find("network:192.0.2.0/24"))
    assert [name for name, _ in shown(found)] == ["guest 3", "guest 2"]


def test_many_people_at_one_address_of_a_large_network_hide_no_other_address(lobby, monkeypatch):
    monkeypatch.setattr(seen_addresses, "MAX_FOUND", 2)
    see(("Eve", None, "192.0.2.1"), *((name, None, "192.0.2.2") for name in ("bob", "carol")))
    found = seen_addresses.of_target(targets.find("network:192.0.2.0/24"))
    assert [name for name, _ in shown(found)] == ["carol", "bob", "Eve"]


def test_an_account_with_a_key_of_earlier_rules_is_found_by_it(alice):
    type(alice).objects.filter(pk=alice.pk).update(key="alice")
    alice.refresh_from_db()
    see(("alice", alice, "192.0.2.1"))
    assert shown(seen_addresses.addresses_of(targets.of_account(alice))) == [("alice", "192.0.2.1")]


def test_a_network_has_no_addresses_of_its_own():
    see(("Eve", None, "192.0.2.1"))
    assert seen_addresses.addresses_of(targets.find("address:192.0.2.1")) == []
