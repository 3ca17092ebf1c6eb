"""Targets of moderation: a name, `address:203.0.113.7` or `network:2001:db8::/64`."""

from collections.abc import Sequence
from typing import NamedTuple

from chat.models import Line, Message, User
from chat.names.guests import problem_with_guest_name
from chat.names.keys import key_of
from chat.room import naming, networks
from chat.room.refusal import RefusalCode, Refused


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
    kind, rest = networks.split_target(text)
    if kind:
        return _network(kind, rest)
    accounts = naming.accounts([text])
    if user := accounts.get(text):
        return of_account(user)
    if problem_with_guest_name(text):
        raise Refused(RefusalCode.NO_SUCH_PERSON)
    return of_guest(text)


def of_account(user: User) -> Target:
    """Return an account as a target."""
    return Target(user.username, user=user, key=user.key)


def of_authors(lines: Sequence[Line | Message]) -> list[Target]:
    """Return the authors of lines as targets, in their order. One statement finds them."""
    users = User.objects.in_bulk({each.author_id for each in lines if each.author_id is not None})
    found = [None if each.author_id is None else users.get(each.author_id) for each in lines]
    return [
        of_guest(line.name) if user is None else of_account(user)
        for line, user in zip(lines, found, strict=True)
    ]


def of_author(line: Line | Message) -> Target:
    """Return the author of a line as a target."""
    return of_authors([line])[0]


def of_guest(name: str) -> Target:
    """Return a guest's name as a target."""
    return Target(name, key=key_of(name))


def _network(kind, text):
    network = networks.network_of(text, is_address=kind == "address")
    if network is None:
        raise Refused(RefusalCode.BAD_TARGET)
    return Target(f"{kind}:{text}", network=network)
