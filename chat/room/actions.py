"""The actions on rooms of the person behind a connection: an account, or a guest.

Both doors call these functions. All raise `Refused`.
"""

from collections.abc import Callable, Iterable
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from chat.models import Connection, User
from chat.names.keys import key_of
from chat.room import (
    alteration,
    creation,
    join_requests,
    membership,
    moderation,
    moderation_log,
    moderation_rules,
    naming,
    reading,
    sanctions,
    visits,
)
from chat.room.moderation_log import Door, Moderator
from chat.room.ranks import Authority
from chat.room.refusal import RefusalCode, Refused

ADDRESSES = "addresses"  # beside the values of `ModerationEntry.Action`
APPROVE = moderation_log.Action.APPROVE.value
DEACTIVATED = "Your account is deactivated."

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


class Actor(NamedTuple):
    """The person behind a connection; guests have no account."""

    user_id: int | None
    connection_id: int

    def account(self) -> User:
        """Return the account. Guests may not do what only accounts may do."""
        if self.user_id is None:
            raise Refused(RefusalCode.NOT_ALLOWED)
        user = User.objects.filter(pk=self.user_id, is_active=True).first()
        if user is None:
            raise Refused(RefusalCode.NOT_IN_ROOM)
        return user

    def presence_id(self) -> int:
        """Return the id of the person's presence."""
        found = Connection.objects.filter(pk=self.connection_id)
        presence_id = found.values_list("presence_id", flat=True).first()
        if presence_id is None:
            raise Refused(RefusalCode.NOT_IN_ROOM)
        return presence_id


def join(actor: Actor, room_id: int) -> None:
    """Become a member of an open room, or visit it as a guest."""
    if actor.user_id is None:
        visits.join(room_id, actor.presence_id())
    else:
        join_requests.join_or_ask(room_id, actor.account())


def part(actor: Actor, room_id: int) -> None:
    """Leave a room: the membership of an account ends, or the visit of a guest."""
    if actor.user_id is None:
        visits.part(room_id, actor.presence_id())
    else:
        membership.part(room_id, actor.account())


def set_topic(actor: Actor, room_id: int, topic: str) -> None:
    """Set what a room is about."""
    by = actor.account()
    moderator = moderation_log.of_connection(actor.connection_id)
    alteration.set_topic(room_id, topic, by, moderator=moderator)


def invite(actor: Actor, room_id: int, name: str) -> None:
    """Make the account with a name a member of a room."""
    account = actor.account()
    (person,) = people([name])
    membership.invite(room_id, person, account)


def open_direct(actor: Actor, names: Iterable[str]) -> int:
    """Return the id of the direct room with some people, and create it if there is none."""
    account = actor.account()
    return creation.open_direct(account, people(names)).pk


def set_level(actor: Actor, room_id: int, level: str) -> None:
    """Set which messages of a room an account wants to be told of."""
    reading.set_level(actor.account().pk, room_id, level)


def set_favourite(actor: Actor, room_id: int, wanted: bool) -> None:
    """Set whether an account wants a room above its others."""
    reading.set_favourite(actor.account().pk, room_id, wanted=wanted)


def offered(actor: Actor, room_id: int) -> set[str]:
    """Return the names of the actions of moderation that a person may take in a room.

    `ADDRESSES` is among them for somebody who may see the addresses of people, and `APPROVE` for
    the moderators of the site, who decide about new accounts from everywhere.
    """
    if actor.user_id is None:
        return set()
    account = actor.account()
    moderator = Moderator(account, Door.TEXT)
    found = moderation.offered(account, room_id)
    if moderation_rules.sees_addresses(moderator):
        found.add(ADDRESSES)
    if moderator.authority() >= Authority.SITE_MODERATOR:
        found.add(APPROVE)
    return found


def moderate(
    actor: Actor,
    door: Door,
    address: str,
    function: Callable[Concatenate[Moderator, Arguments], Result],
    *arguments: Arguments.args,
    **options: Arguments.kwargs,
) -> Result:
    """Return the result of a function of moderation that a person calls from a door."""
    return function(Moderator(actor.account(), door, address), *arguments, **options)


def reason_to_leave(actor: Actor, name: str, address: str) -> str:
    """Return the sentence that says why a person may not stay on the site; empty if they may.

    The person has a name and an address. The connection and the account may be gone.
    """
    user = None if actor.user_id is None else User.objects.filter(pk=actor.user_id).first()
    if user is not None and not user.is_active:
        return DEACTIVATED
    found = sanctions.banned_from_site(user=user, key=key_of(name), address=address)
    return "" if found is None else sanctions.sentence(found)


def people(names: Iterable[str]) -> list[User]:
    """Return the accounts with some names; all of them must exist."""
    names = list(names)
    found = naming.accounts(names)
    if not all(name in found for name in names):
        raise Refused(RefusalCode.NO_SUCH_PERSON)
    return [found[name] for name in names]
