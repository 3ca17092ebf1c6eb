"""Tells moderators on this process how many decisions wait for them, when the number changes."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from chat.live.database import Database
from chat.live.pacing import Pacing
from chat.room import waiting_counts

if TYPE_CHECKING:
    from chat.live.member import Member


class WaitingWatch:
    """Counts regularly what waits for the members here, for all of them at once.

    Anybody may become a moderator or cease to be one, without any trace in the log of moderation.
    Therefore members who moderate nothing are looked at as well.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._pacing = Pacing(clock)
        self._tell: dict[Member, Callable[[int], None]] = {}
        self._told: dict[Member, int] = {}

    def welcome(self, member: "Member", tell: Callable[[int], None], *, moderates: bool) -> None:
        """Tell a member when the number changes, and at first those who moderate something."""
        self._tell[member] = tell
        if not moderates:
            self._told[member] = 0

    def leave(self, member: "Member") -> None:
        """Tell a member nothing more."""
        self._tell.pop(member, None)
        self._told.pop(member, None)

    async def look(self) -> None:
        """Count again, but pause after a count that took long. Raises `Unavailable`."""
        if self._tell:
            await self._pacing.run(self.count)

    async def count(self) -> None:
        """Tell what is new since the last count. Raises `Unavailable`."""
        user_ids = {member.user_id for member in self._tell if member.user_id is not None}
        counts = await self._database.read(waiting_counts.of_accounts, user_ids)
        for member, tell in self._tell.items():
            # Somebody who has entered meanwhile is told by the next look.
            count = None if member.user_id is None else counts.get(member.user_id)
            if count is not None and count != self._told.get(member):
                self._told[member] = count
                tell(count)
