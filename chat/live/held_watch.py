"""Tells authors on this process what moderators decide about their messages that wait."""

from django.conf import settings

from chat.live.database import Database
from chat.live.group_read import GroupRead
from chat.live.open_rooms import OpenRooms
from chat.models import HeldMessage
from chat.room import holding, known_authors
from chat.room.newcomers import Held

ACCOUNTS_AT_ONCE = 200  # whose waiting messages are read in one query
MESSAGES_AT_ONCE = 500  # about which one query asks


class HeldWatch:
    """Knows the messages that wait, by the connections of their authors.

    An author has at most `newcomers.MAX_WAITING` of them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._of_accounts = GroupRead(database, holding.of_accounts, ACCOUNTS_AT_ONCE)
        self._waiting: dict[OpenRooms, set[int]] = {}

    async def welcome(self, connection: OpenRooms) -> list[HeldMessage]:
        """Return the messages of an account that wait; the connection is told what becomes of them.

        Raises `Unavailable`.
        """
        user_id = connection.reader.user_id
        if not settings.HOLD_FIRST or user_id is None:
            return []
        found: list[HeldMessage] = await self._of_accounts.get(user_id) or []
        if found and not connection.is_stopped:
            self._waiting.setdefault(connection, set()).update(held.pk for held in found)
        return found

    def add(self, connection: OpenRooms, held: Held) -> None:
        """Tell a connection what becomes of a message that it has sent."""
        if not held.is_refused and not connection.is_stopped:
            self._waiting.setdefault(connection, set()).add(held.held_id)

    def leave(self, connection: OpenRooms) -> None:
        """Tell a connection nothing more."""
        self._waiting.pop(connection, None)

    async def look(self) -> None:
        """Tell what was decided since the last look. Raises `Unavailable`.

        Authors whose messages moderators have removed are new again, also on other processes.
        """
        if settings.HOLD_FIRST and not known_authors.known.is_empty:
            newest = await self._database.read(known_authors.newest_removals)
            known_authors.known.heed_removals(newest)
        held_ids = sorted(set().union(*self._waiting.values()))
        for start in range(0, len(held_ids), MESSAGES_AT_ONCE):
            some = held_ids[start : start + MESSAGES_AT_ONCE]
            for held in await self._database.read(holding.decided, some):
                self._tell(held)

    def _tell(self, held):
        for connection, held_ids in list(self._waiting.items()):
            if held.pk in held_ids:
                held_ids.discard(held.pk)
                if connection.listener is not None:
                    connection.listener.decided(held)
            if not held_ids:
                del self._waiting[connection]
