"""Counts new messages in the rooms of the accounts that are here, and tells the members."""

import time
from collections.abc import Callable

from chat.live import timing
from chat.live.accounts_here import AccountsHere
from chat.live.database import Database
from chat.live.room_counts import Talk
from chat.room import unread
from chat.room.summaries import RoomSummary


class MessageCounts:
    """Reads who said something in which room, at most every `timing.ACTIVITY` for each room."""

    def __init__(
        self,
        database: Database,
        accounts: AccountsHere,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock
        self._counted: dict[int, int] = {}  # the line up to which each room was counted
        self._counted_at: dict[int, float] = {}
        self._due: dict[int, int] = {}  # rooms with new lines, and the last of these

    @property
    def is_due(self) -> bool:
        """Whether there are lines that were not counted."""
        return bool(self._due)

    def begin(self, summary: RoomSummary) -> bool:
        """Count the lines after those that a summary has counted.

        Returns False when later lines were counted for others already, so that the summary has to
        be read again.
        """
        return summary.last >= self._counted.setdefault(summary.id, summary.last)

    def add(self, room_id: int, last: int) -> None:
        """Count the lines of a room, up to `last`, at the next `tell` that may do so.

        The members at this line must be known: somebody may have left before later ones.
        """
        self._due[room_id] = last

    async def tell(self) -> None:
        """Count what is due, and tell the members. Raises `Unavailable`."""
        now = self._clock()
        due = {
            room_id: last
            for room_id, last in self._due.items()
            if now - self._counted_at.get(room_id, -timing.ACTIVITY) >= timing.ACTIVITY
        }
        if not due:
            return
        for room_id in due:
            del self._due[room_id]
        known = {room_id: self._counted.get(room_id, last) for room_id, last in due.items()}
        ignored = self._accounts.ignored_in(due)
        try:
            found = await self._database.read(unread.news, known, due, ignored)
        except Exception:
            self._due = due | self._due
            raise
        for room_id, news in found.items():
            last = self._counted[room_id] = due[room_id]
            self._counted_at[room_id] = now
            self._accounts.count(Talk(room_id, last, news))
