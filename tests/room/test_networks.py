"""Networks of addresses, in the form in which sanctions have them."""

import pytest

from chat.room.networks import (
    beginning,
    contains,
    network_of,
    networks_around,
    networks_with,
    typed_network,
)

pytestmark = pytest.mark.same_on_every_database


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("2001:db8::1", "2001:db8::/64"),
        ("ann", None),
        ("203.0.113.0/24", None),
        ("fe80::1%eth0", None),
    ],
)
def test_an_address_stands_for_its_smallest_network(address, network):
    assert network_of(address, is_address=True) == network


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("2001:db8::1/48", "2001:db8::/48"),
        ("2001:db8::1/128", "2001:db8::/64"),
        ("203.0.0.0/15", None),
        ("2001:d00::/24", None),
        ("0.0.0.0/0", None),
        ("fe80::1%eth0/64", None),
        ("::ffff:203.0.113.7/120", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("::ffff:0:0/96", None),
        ("", None),
    ],
)
def test_a_network_has_one_form_and_is_not_too_large(text, network):
    assert network_of(text) == network


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8:1:2::3", "::ffff:203.0.113.7", "x"])
def test_the_networks_with_an_address_are_those_that_contain_it(address):
    found = networks_with(address)
    assert all(contains(network, address) for network in found)
    assert bool(found) == (address != "x")
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("2001:0DB8:0000:0000::7", "2001:db8::/64"),
        ("address:2001:0DB8:0000:0000::7", "2001:db8::/64"),
        ("Network: 2001:DB8:0:0::7/64", "2001:db8::/64"),
        ("network:2001:db8::7", "2001:db8::/64"),
        (" ::ffff:203.0.113.7", "203.0.113.7/32"),
        ("address:203.0.113.0/24", None),
        ("ann", None),
        ("network", None),
    ],
)
def test_somebody_looks_for_a_network_in_any_form(text, network):
    assert typed_network(text) == network


def test_a_network_is_in_itself_and_in_larger_ones():
    assert networks_around("203.0.64.0/18") == ("203.0.0.0/16", "203.0.0.0/17", "203.0.64.0/18")


@pytest.mark.parametrize(
    ("network", "text", "address"),
    [
        ("203.0.113.0/24", "203.0.113.", "203.0.113.7"),
        ("203.0.112.0/20", "203.0.", "203.0.113.7"),
        ("2001:db8:1:2::/64", "2001:db8:1:2:", "2001:db8:1:2::3"),
        ("2001:db8::/64", "2001:db8:", "2001:db8::3"),
        ("2001:db8:0:2::/64", "2001:db8:", "2001:db8:0:2::3"),
        ("2001:db8:10::/44", "2001:db8:", "2001:db8:1f::3"),
        ("::/64", "", "::1"),
    ],
)
def test_all_addresses_of_a_network_begin_with_a_text(network, text, address):
    assert beginning(network) == text
    assert contains(network, address)
    assert address.startswith(text)


def test_other_addresses_are_not_in_a_network():
    assert not contains("203.0.113.0/24", "203.0.114.1")
    assert not contains("203.0.113.0/24", "2001:db8::1")
    assert not contains("203.0.113.0/24", "")
