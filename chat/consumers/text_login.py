"""The person who logs in on the legacy port: a guest, or a member with an access key."""

from typing import NamedTuple

from chat.accounts import access_keys, sessions
from chat.accounts.events import Requester
from chat.accounts.throttling import TooManyAttempts
from chat.live.database import Database
from chat.names.access_keys import split_key
from chat.room.refusal import RefusalCode, Refused


class Identity(NamedTuple):
    """A name, and the account and the session key of a member."""

    name: str
    user_id: int | None = None
    session_key: str = ""


async def identify(argument: str, address: str, database: Database) -> Identity:
    """Return who logs in with the argument of `login`.

    A wrong key is refused like a name that is taken, and so is a key that cannot be checked because
    there were too many wrong ones. Raises `Refused` and `Unavailable`.
    """
    name, key = split_key(argument)
    if not key:
        return Identity(argument)
    try:
        found = await database.write_in_background(
            access_keys.sign_in, name, key, Requester(address)
        )
    except TooManyAttempts:
        found = None
    if found is None:
        raise Refused(RefusalCode.NAME_TAKEN)
    return Identity(found.user.username, found.user.pk, found.session_key)


async def may_stay(identity: Identity, database: Database) -> bool:
    """Return whether the key was not revoked before the member had entered."""
    keys = {identity.session_key} - {""}
    return not keys or not await database.read(sessions.not_signed_in, keys)
