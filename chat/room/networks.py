"""Networks of addresses, in the form in which sanctions have them."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from itertools import takewhile

# The lengths of prefixes that a sanction may have, from the largest network to the smallest. A
# larger one would shut out half of a country. One customer can use each IPv6 address of a /64.
LARGEST = {4: 16, 6: 32}
SMALLEST = {4: 32, 6: 64}
LAST_OCTET = 3  # of an IPv4 address; the length of the prefix follows it
MAPPED_BITS = 96  # the prefix of the network ::ffff:0:0/96, in which IPv4 addresses are mapped

TYPED_KINDS = ("address", "network")  # before the colon of a target


def split_target(text: str) -> tuple[str, str]:
    """Return the kind of a typed target and what follows it: `network` and `2001:db8::/64`.

    The kind is empty for other texts, such as names and addresses alone.
    """
    kind, colon, rest = text.partition(":")
    kind = kind.lower()
    return (kind, rest.strip()) if colon and kind in TYPED_KINDS else ("", text)


def typed_network(text: str) -> str | None:
    """Return the network that somebody looks for with a target, an address or a network.

    None means that the text is something else, or that the network is too large.
    """
    kind, rest = split_target(text)
    return network_of(rest.strip(), is_address=kind == "address")


def searched_network(text: str) -> str | None:
    """Return the same for networks of any size, in which somebody looks for smaller ones."""
    kind, rest = split_target(text)
    return _parsed(rest.strip(), is_address=kind == "address")


def network_of(text: str, *, is_address: bool = False) -> str | None:
    """Return the network that a text stands for, or the smallest one with an address.

    None means that it is neither, or that the network is too large.
    """
    network = _parsed(text, is_address=is_address)
    return None if network is None or _is_too_large(ip_network(network)) else network


def _parsed(text, *, is_address):
    if "%" in text:  # the zone of an address has a meaning on one computer alone
        return None
    try:
        if is_address:
            address = _address(text)
            return _network(address, SMALLEST[address.version])
        network = _unmapped(ip_network(text, strict=False))
    except ValueError:
        return None
    return _network(network.network_address, min(network.prefixlen, SMALLEST[network.version]))


def _is_too_large(network):
    return network.prefixlen < LARGEST[network.version]


@lru_cache(maxsize=4096)  # each page of a site asks for the one that it comes from
def networks_with(address: str) -> tuple[str, ...]:
    """Return every network with an address that a sanction may have; none for other texts."""
    network = network_of(address.partition("%")[0], is_address=True)
    return () if network is None else networks_around(network)


def networks_around(network: str) -> tuple[str, ...]:
    """Return a network and all larger ones that contain it and that a sanction may have."""
    parsed = ip_network(network)
    prefixes = range(LARGEST[parsed.version], parsed.prefixlen + 1)
    return tuple(_network(parsed.network_address, prefix) for prefix in prefixes)


def contains(network: str, address: str) -> bool:
    """Return whether an address is in a network of a sanction; other texts are in none."""
    try:
        return _address(address.partition("%")[0]) in ip_network(network)
    except ValueError:
        return False


def those_within(networks: Iterable[str], outer: str) -> Iterator[str]:
    """Return those of some networks that are parts of another one, or the same."""
    parsed = ip_network(outer)
    for network in networks:
        inner = ip_network(network)
        if inner.prefixlen >= parsed.prefixlen and inner.network_address in parsed:
            yield network


def only_address(network: str) -> str | None:
    """Return the address of a network that has no other."""
    parsed = ip_network(network)
    return str(parsed.network_address) if parsed.num_addresses == 1 else None


def beginning(network: str) -> str:
    """Return a text with which all addresses of a larger network begin, in their usual form.

    In IPv6 zeros may be left out, so it ends before the first one.
    """
    parsed = ip_network(network)
    if parsed.version == 4:
        numbers = str(parsed.network_address).split(".")[: parsed.prefixlen // 8]
        return "".join(f"{number}." for number in numbers)
    groups = parsed.network_address.exploded.split(":")[: parsed.prefixlen // 16]
    numbers = [group.lstrip("0") for group in groups]
    return "".join(f"{number}:" for number in takewhile(bool, numbers))


def beginnings(network: str) -> tuple[str, ...] | None:
    """Return texts such that exactly the smaller networks in a network begin with one of them.

    Networks around it may begin so too. None means that there are no such texts, or too many.
    """
    parsed, start = ip_network(network), beginning(network)
    if parsed.prefixlen == SMALLEST[parsed.version]:
        return ()
    rest = parsed.prefixlen % (8 if parsed.version == 4 else 16)
    if parsed.version == 6:
        has_zeros = start.count(":") < parsed.prefixlen // 16
        return None if rest or has_zeros or not start else (start,)
    if start and not rest:
        return (start,)
    index = parsed.prefixlen // 8
    octet, end = parsed.network_address.packed[index], "/" if index == LAST_OCTET else "."
    return tuple(f"{start}{octet + more}{end}" for more in range(2 ** (8 - rest)))


def _address(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


def _unmapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    first = _address(str(network.network_address))
    if first.version == network.version or network.prefixlen < MAPPED_BITS:
        return network
    return ip_network((first, network.prefixlen - MAPPED_BITS))


def _network(address, prefix):
    return str(ip_network((address, prefix), strict=False))
