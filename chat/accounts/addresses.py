"""The addresses that count as one client. `chat.servers.clients` finds the address."""

from functools import lru_cache
from ipaddress import IPv6Network, ip_address

IPV6_NETWORK_BITS = 64  # the part of an address that is the same for all of a network
KEPT_ANSWERS = 10_000  # addresses whose network is kept


@lru_cache(KEPT_ANSWERS)
def network_of(address: str) -> str:
    """Return the part of an address that is the same for all addresses of its network.

    The owner of an IPv6 address usually has all 2**64 addresses with the same prefix (RFC 6177).
    """
    try:
        parsed = ip_address(address)
    except ValueError:  # a client without an address
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), IPV6_NETWORK_BITS), strict=False))
