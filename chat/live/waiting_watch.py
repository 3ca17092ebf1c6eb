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
    """Counts regularly what waits for moderators, and tells those who are here.

    Anybody may become a moderator or cease to be one, without any trace in the log of moderation.
    Therefore each count finds out who moderates. It costs nothing for those who do not.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._pacing = Pacing(clock)
        self._here: dict[int, dict[Member, Callable[[int], None]]] = {}  # by account
        self._told: dict[Member, int] = {}  # without those who were told last that nothing waits
        self._new: set[Member] = set()  # moderators who were told nothing yet

    def welcome(self, member: "Member", tell: Callable[[int], None], *, moderates: bool) -> None:
        """Tell a member when the number changes, and at first those who moderate something."""
        if member.user_id is None:
            return
        self._here.setdefault(member.user_id, {})[member] = tell
        if moderates:
            self._new.add(member)

    def leave(self, member: "Member") -> None:
        """Tell a member nothing more."""
        if member.user_id is None:
            return
        here = self._here.get(member.user_id, {})
        here.pop(member, None)
        if not here:
            self._here.pop(member.user_id, None)
        self._told.pop(member, None)
        self._new.discard(member)

    async def look(self) -> None:
        """Count again, but pause after a count that took long. Raises `Unavailable`."""
        if self._here:
            await self._pacing.run(self.count)

    async def count(self) -> None:
        """Tell what is new since the last count. Raises `Unavailable`."""
        counts: dict[int, int] = await self._database.read(waiting_counts.of_moderators)
        concerned = {member.user_id for member in (*self._told, *self._new)}
        for user_id in self._here.keys() & (counts.keys() | concerned):
            for member, tell in self._here[user_id].items():
                self._show(member, tell, counts.get(user_id, 0))

    def _show(self, member, tell, count):
        if count == self._told.get(member, 0) and member not in self._new:
            return
        self._new.discard(member)
        if count:
            self._told[member] = count
        else:
            self._told.pop(member, None)
        tell(count)
