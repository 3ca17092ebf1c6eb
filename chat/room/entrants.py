"""The people who ask to enter, and the checks of their names before anybody is let in."""

from collections.abc import Iterable
from typing import NamedTuple

from chat.models import User
from chat.names.guests import NameProblem, claimed_keys, problem_with_guest_name
from chat.names.keys import key_of
from chat.names.reserved import is_reserved
from chat.room.refusal import RefusalCode, Refused


class Entrant(NamedTuple):
    """A person who asks to enter: an account, or a guest without `user_id`."""

    name: str
    user_id: int | None
    process_id: int
    door: str
    session_key: str = ""
    address: str = ""  # of the client, if it is known
    account_key: str = ""  # of an active account; `enter` looks it up

    @property
    def key(self) -> str:
        return self.account_key or key_of(self.name)

    @property
    def claimed_keys(self) -> frozenset[str]:
        """The keys that must not belong to an account if a guest has this name."""
        return claimed_keys(self.name)


def refusal_by_name(entrant: Entrant) -> Refused | None:
    """Return the refusal of a guest's name that nobody may have; None for other names."""
    if entrant.user_id is not None:
        return None
    problem = problem_with_guest_name(entrant.name)
    if problem is NameProblem.EMPTY:
        return Refused(RefusalCode.NAME_EMPTY)
    if problem or is_reserved(entrant.name):
        return Refused(RefusalCode.NAME_TAKEN)
    return None


def account_keys(entrants: Iterable[Entrant]) -> set[str]:
    """Return the keys claimed by guests that belong to accounts."""
    guests = [entrant for entrant in entrants if entrant.user_id is None]
    keys = {key for guest in guests for key in guest.claimed_keys}
    return set(User.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()


def keys_of_active_users(entrants: Iterable[Entrant]) -> dict[int | None, str]:
    """Return {id: key} of the entering accounts that still exist and are active."""
    asked = {entrant.user_id for entrant in entrants if entrant.user_id is not None}
    found = User.objects.filter(pk__in=asked, is_active=True).values_list("pk", "key")
    return dict(found) if asked else {}
