"""The addresses of clients, as connections have them and as proxies write them.

A proxy that is trusted says in the header X-Forwarded-For which client it speaks for. Each proxy on
the way adds the address that it sees at the end of the list, so only the end is certain: what
stands before the first address that is no trusted proxy may be invented by the client.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network
Client = tuple[str, int]  # an address in its usual form, and a port, which is 0 if it is not known

MAX_HOPS = 32  # entries of a header that are looked at, beginning with the last
MAX_ENTRY = 80  # characters of an address with its zone, brackets and port
MAX_PORT = 65535
MAPPED_BITS = 96  # the prefix of the network ::ffff:0:0/96, in which IPv4 addresses are mapped

IPV4_WITH_PORT = re.compile(r"([0-9.]+):([0-9]{1,5})", re.ASCII)
IPV6_IN_BRACKETS = re.compile(r"\[([^\[\]]*:[^\[\]]*)\](?::([0-9]{1,5}))?", re.ASCII)

SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


class Proxies:
    """The trusted proxies: addresses and networks, such as 127.0.0.1 and 10.0.0.0/8."""

    def __init__(self, items: Iterable[str]) -> None:
        networks = [_unmapped_network(ip_network(item)) for item in items if "/" in item]
        self._networks = tuple(networks)
        self._addresses = {_unmapped(ip_address(item)) for item in items if "/" not in item}

    def __contains__(self, address: IpAddress) -> bool:
        return (
            address in self._addresses
            or _without_zone(address) in self._addresses
            or any(address in network for network in self._networks)
        )


class Forwarded(NamedTuple):
    """The client and the scheme that trusted proxies name; None for one that they do not name."""

    client: Client | None
    scheme: str | None  # `http` or `https`


def client_at(peer: Sequence[object] | None, proxies: Proxies) -> Client | None:
    """Return the client at the other end of a connection; None if that is a trusted proxy.

    `peer` is an address of a socket, of which the first two parts are the host and the port.
    """
    found = _peer_address(peer)
    if found is None or found[0] in proxies:
        return None
    return as_client(*found)


def is_proxy(peer: Sequence[object] | None, proxies: Proxies) -> bool:
    """Return whether the other end of a connection is a trusted proxy."""
    found = _peer_address(peer)
    return found is not None and found[0] in proxies


def forwarded(for_lines: Sequence[str], proto_lines: Sequence[str], proxies: Proxies) -> Forwarded:
    """Return what the headers X-Forwarded-For and X-Forwarded-Proto of a trusted proxy say.

    The client is the last entry that is no trusted proxy. There is none if all entries are trusted
    proxies, or if an entry behind it is not an address, such as `unknown`. The scheme is the one
    that was added together with that entry, or the first one if there are fewer of them.
    """
    hops = [parse(entry) for entry in _last_first(for_lines)]
    ends = [number for number, hop in enumerate(hops) if hop is None or hop[0] not in proxies]
    client = hops[ends[0]] if ends else None
    added = ends[0] + 1 if ends else max(len(hops), 1)
    schemes = list(_last_first(proto_lines))[:added]
    scheme = SCHEMES.get(schemes[-1].lower()) if schemes else None
    return Forwarded(client and as_client(*client), scheme)


def parse(text: str) -> tuple[IpAddress, int] | None:
    """Return (address, port) of a text such as `192.0.2.1`, `192.0.2.1:567` or `[2001:db8::1]:443`.

    Returns None for a text that is not an address. The port is 0 if there is none.
    """
    if len(text) > MAX_ENTRY:
        return None
    with_port = IPV4_WITH_PORT.fullmatch(text) or IPV6_IN_BRACKETS.fullmatch(text)
    host, port = with_port.groups() if with_port else (text, None)
    number = int(port or 0)
    try:
        return (_unmapped(ip_address(host)), number) if number <= MAX_PORT else None
    except ValueError:
        return None


def as_client(address: IpAddress, port: int) -> Client:
    """Return an address in the form in which all parts of the site use it."""
    return str(_without_zone(_unmapped(address))), port


def _peer_address(peer):
    """Return (address, port) of the address of a socket; None if it has none."""
    if not isinstance(peer, Sequence) or isinstance(peer, str) or len(peer) < 2:
        return None  # the peer of a Unix socket
    found = parse(str(peer[0]))
    return found and (found[0], peer[1])


def _last_first(lines: Sequence[str]) -> Iterator[str]:
    """Give the newest entries of a header, the last one first. Its lines form one list."""
    entries = ",".join(lines).rsplit(",", MAX_HOPS)
    # The rest before the newest entries is not divided, so it is no entry.
    newest = entries[1:] if len(entries) > MAX_HOPS else entries
    return (entry.strip(" \t") for entry in reversed(newest)) if lines else iter(())


def _unmapped(address: IpAddress) -> IpAddress:
    """Return the IPv4 address that an IPv6 address stands for, or else the address itself."""
    return getattr(address, "ipv4_mapped", None) or address


def _without_zone(address: IpAddress) -> IpAddress:
    """Return an address without the interface that belongs to it, such as `%eth0`."""
    return IPv6Address(int(address)) if getattr(address, "scope_id", None) else address


def _unmapped_network(network: IpNetwork) -> IpNetwork:
    first = _unmapped(network.network_address)
    if network.prefixlen < MAPPED_BITS or first == network.network_address:
        return network
    return ip_network(f"{first}/{network.prefixlen - MAPPED_BITS}")
