"""The target that a typed command of moderation begins with, such as `ann 10m too loud`."""

from collections.abc import Iterable
from typing import NamedTuple

from chat.models import Presence, Sanction, SeenAddress
from chat.names.keys import key_of
from chat.names.typed import leading_names
from chat.room import naming, targets
from chat.room.refusal import RefusalCode, Refused
from chat.room.targets import Target


class NamedTarget(NamedTuple):
    """The target that a text begins with, and the rest of the text."""

    target: Target
    rest: str


def named(text: str) -> NamedTarget:
    """Return the target that a text begins with. Raises `Refused`.

    It is the longest run of leading words that is the name of an account, or of a guest who is or
    was here. If there is none, the first word, or what stands in quotes, is the name of a guest.
    """
    found = _known(text)
    if found is not None:
        return found
    names = leading_names(_without_sign(text))
    if not names:
        raise Refused(RefusalCode.NO_SUCH_PERSON)
    shortest = names[-1]
    return NamedTarget(targets.find(shortest.name), shortest.rest)


def person(text: str) -> NamedTarget:
    """Do the same for a person whose name is known, and no network."""
    found = _known(text)
    if found is None:
        raise Refused(RefusalCode.NO_SUCH_PERSON)
    return found


def _known(text: str) -> NamedTarget | None:
    names = leading_names(_without_sign(text))
    keys = {name: key_of(name) for name, _ in names}
    accounts = naming.accounts(keys)
    guests = _guests(keys.values())
    for name, rest in names:
        if name in accounts:
            return NamedTarget(targets.of_account(accounts[name]), rest)
        if keys[name] in guests:
            return NamedTarget(Target(guests[keys[name]], key=keys[name]), rest)
    return None


def _without_sign(text):
    return text.removeprefix(naming.PERSON_SIGN)


def _guests(keys: Iterable[str]) -> dict[str, str]:
    """Return {key: name} of the guests with some keys who are or were here."""
    wanted = {key for key in keys if key}
    restrained = Sanction.objects.filter(key__in=wanted).values_list("key", "name")
    seen = SeenAddress.objects.filter(key__in=wanted, user_id=None).values_list("key", "name")
    here = Presence.objects.filter(key__in=wanted, user=None).values_list("key", "name")
    return dict(restrained.union(seen, here))
