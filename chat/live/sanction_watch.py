"""Finds sanctions that have begun or were lifted, also by other programs, and tells the people."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from chat.live.database import Database
from chat.room import sanction_news

if TYPE_CHECKING:
    from chat.live.member import Member

# Seconds after which a transaction with a sanction has committed, or was given up.
SAVED_WITHIN = 10


class SanctionWatch:
    """Looks at the sanctions since the last look. A ring may have told of mutes before.

    `refresh(user_id)` is called for each account here whose rooms have to be read again.
    """

    def __init__(
        self,
        database: Database,
        members: Mapping[int, "Member"],
        refresh: Callable[[int], None],
    ) -> None:
        self._database = database
        self._members = members
        self._refresh = refresh
        self._known: set[sanction_news.Change] = set()  # of which the members were told
        self._looked_at = timezone.now()

    async def begin(self) -> None:
        """Tell nothing of what was before. Raises `Unavailable`."""
        self._looked_at = timezone.now()
        self._known = await self._read()

    async def _read(self):
        since = self._looked_at - timedelta(seconds=SAVED_WITHIN)
        return await self._database.read(sanction_news.changed_since, since)

    async def look(self) -> None:
        """Tell what is new since the last look, however long ago that was. Raises `Unavailable`."""
        begun = timezone.now()
        changed = await self._read()
        if new := changed - self._known:
            await self._tell(new)
        self._known, self._looked_at = changed, begun

    async def _tell(self, changes):
        concerned = await self._database.read(sanction_news.concerned, changes)
        here = [each for each in concerned if each.connection_id in self._members]
        if not here:
            return
        for user_id in {each.user_id for each in here}:
            if user_id is not None:
                self._refresh(user_id)
        for connection_id, expulsion in await self._database.read(
            sanction_news.expulsions, changes
        ):
            member = self._members.get(connection_id)
            if member is not None and member.rooms.listener is not None:
                member.rooms.listener.expelled(expulsion)
