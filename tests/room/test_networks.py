"""Networks of addresses, in the form in which sanctions have them."""

import pytest

from chat.room.networks import (
    beginning,
    beginnings,
    contains,
    network_of,
    networks_around,
    networks_with,
    searched_network,
    those_within,
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


V4 = [f"{first}.{second}.0.0/16" for first in (0, 10, 203, 255) for second in (0, 1, 64, 255)]
V4 += ["203.1.1.0/24", "203.0.113.0/24", "203.0.113.16/28", "203.0.113.7/32"]
V4 += ["203.0.113.128/32", "10.1.2.4/31", "10.1.2.5/32", "10.1.2.50/32"]
V6 = ["2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::/64", "2001:db8:0:1::/64", "::/64"]
LARGER = [
    *("0.0.0.0/0", "128.0.0.0/1", "8.0.0.0/5", "10.0.0.0/8", "10.64.0.0/10", "10.1.0.0/16"),
    *("203.0.113.0/25", "203.0.113.128/25", "10.1.2.4/31"),
    *("203.1.0.0/18", "203.1.0.0/32", "::/0", "2001:db8::/32", "2001:db8:1::/48", "2001:db8::/31"),
]


@pytest.mark.parametrize("larger", LARGER)
def test_exactly_the_smaller_networks_begin_with_a_text(larger):
    inner = list(those_within([*V4, *V6], larger))
    starts = beginnings(larger)
    if starts is None:
        assert ":" in larger  # all begin as their addresses do
        assert all(each.startswith(beginning(larger)) for each in inner)
    else:
        outer = {*networks_around(larger), larger}
        found = [each for each in [*V4, *V6] if each.startswith(starts)]
        assert set(found) - outer == set(inner) - outer


def test_networks_of_any_size_are_looked_for():
    assert searched_network("network:10.1.2.3/8") == "10.0.0.0/8"
    assert searched_network("2001::/16") == "2001::/16"
    assert searched_network("address:10.1.2.3") == "10.1.2.3/32"
    assert searched_network("ann") is None


def test_other_addresses_are_not_in_a_network():
    assert not contains("203.0.113.0/24", "203.0.114.1")
    assert not contains("203.0.113.0/24", "2001:db8::1")
    assert not contains("203.0.113.0/24", "")
