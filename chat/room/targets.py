"""Targets of moderation: a name, `address:203.0.113.7` or `network:2001:db8::/64`."""

from ipaddress import ip_address, ip_network
from typing import NamedTuple

from chat.models import User
from chat.names.guests import problem_with_guest_name
from chat.names.keys import key_of
from chat.room import naming
from chat.room.refusal import RefusalCode, Refused

IPV6_PREFIX = 64  # of one customer, who can use each address in it
# A larger network would shut out half of a country.
LARGEST = {4: 16, 6: 32}  # bits of the prefix


class Target(NamedTuple):
    """The people whom an action concerns: an account, a guest's name, or a network.

    `name` is what moderators see. A network has neither an account nor a key.
    """

    name: str
    user: User | None = None
    key: str = ""
    network: str = ""


def find(text: str) -> Target:
    """Return what a typed target stands for; a person need not be here. Raises `Refused`."""
    kind, colon, rest = text.partition(":")
    if colon and kind.lower() in ("address", "network"):
        return _network(kind.lower(), rest.strip())
    accounts = naming.accounts([text])
    if user := accounts.get(text):
        return of_account(user)
    if problem_with_guest_name(text):
        raise Refused(RefusalCode.NO_SUCH_PERSON)
    return Target(text, key=key_of(text))


def of_account(user: User) -> Target:
    """Return an account as a target."""
    return Target(user.username, user=user, key=user.key)


def _network(kind, text):
    try:
        if kind == "address":
            address = ip_address(text)
            address = getattr(address, "ipv4_mapped", None) or address
            prefix = 32 if address.version == 4 else IPV6_PREFIX
            network = ip_network((address, prefix), strict=False)
        else:
            network = ip_network(text, strict=False)
    except ValueError:
        raise Refused(RefusalCode.BAD_TARGET) from None
    if network.prefixlen < LARGEST[network.version]:
        raise Refused(RefusalCode.BAD_TARGET)
    return Target(f"{kind}:{text}", network=str(network))


def networks_of(address: str) -> list[str]:
    """Return every network with an address that a sanction may have, as they are stored."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return []
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    prefixes = range(LARGEST[parsed.version], parsed.max_prefixlen + 1)
    return [str(ip_network((parsed, prefix), strict=False)) for prefix in prefixes]
