"""Tells moderators on this process how many decisions wait for them, when the number changes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chat.live.database import Database
from chat.room import waiting_counts

if TYPE_CHECKING:
    from chat.live.member import Member


class WaitingWatch:
    """Looks regularly at what waits: once for all moderators here, and not at all without one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tell: dict[Member, Callable[[int], None]] = {}
        self._told: dict[Member, int] = {}
        self._mark: Any = None

    def welcome(self, moderator: "Member", tell: Callable[[int], None]) -> None:
        """Tell a moderator from the next look on, at first in any case."""
        self._tell[moderator] = tell

    def leave(self, member: "Member") -> None:
        """Tell a member nothing more."""
        self._tell.pop(member, None)
        self._told.pop(member, None)

    async def look(self) -> None:
        """Tell what is new since the last look. Raises `Unavailable`."""
        if not self._tell:
            return
        mark = await self._database.read(waiting_counts.mark)
        if mark == self._mark and self._tell.keys() == self._told.keys():
            return
        user_ids = {member.user_id for member in self._tell if member.user_id is not None}
        counts = await self._database.read(waiting_counts.of_accounts, user_ids)
        for member, tell in self._tell.items():
            # Somebody who has entered meanwhile is told by the next look.
            count = None if member.user_id is None else counts.get(member.user_id)
            if count is not None and count != self._told.get(member):
                self._told[member] = count
                tell(count)
        self._mark = mark
