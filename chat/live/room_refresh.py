"""Reads the rooms of accounts again after they have changed, and tells the members."""

import asyncio
from collections.abc import Iterable, Sequence

from chat.live.accounts_here import AccountsHere
from chat.live.database import Database
from chat.live.message_counts import MessageCounts
from chat.live.open_rooms import OpenRooms
from chat.room import summaries
from chat.room.summaries import RoomSummary

PAIRS_AT_ONCE = 500  # rooms of accounts, in one query
ACCOUNTS_AT_ONCE = 100  # with all their rooms, in one query

Pair = tuple[int, int]  # account and room


class RoomRefresh:
    """Collects what has to be read: a room for an account, or all rooms of an account."""

    def __init__(self, database: Database, accounts: AccountsHere, counts: MessageCounts) -> None:
        self._database = database
        self._accounts = accounts
        self._counts = counts
        self._pairs: set[Pair] = set()
        self._user_ids: set[int] = set()

    @property
    def is_due(self) -> bool:
        """Whether something has to be read."""
        return bool(self._pairs or self._user_ids)

    def add(self, pairs: Iterable[Pair]) -> None:
        """Read rooms of accounts at the next `tell`."""
        self._pairs.update(pairs)

    def add_accounts(self, user_ids: Iterable[int]) -> None:
        """Read all rooms of those accounts that are here at the next `tell`."""
        self._user_ids.update(user_id for user_id in user_ids if user_id in self._accounts)

    async def tell(self) -> None:
        """Read what is due, and tell the members what is new. Raises `Unavailable`."""
        user_ids, self._user_ids = sorted(self._user_ids), set()
        for start in range(0, len(user_ids), ACCOUNTS_AT_ONCE):
            await self._tell_accounts(user_ids[start : start + ACCOUNTS_AT_ONCE])
        pairs, self._pairs = sorted(self._pairs), set()
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            await self._tell_pairs(pairs[start : start + PAIRS_AT_ONCE])

    async def _tell_pairs(self, pairs: Sequence[Pair]) -> None:
        # Those who only look at a room may have been banned from it, which no line of the log ends.
        # A follower that begins later has found that its person may read the room again.
        views = {user_id: self._accounts.views(user_id) for user_id, _ in pairs}
        try:
            found = await self._database.read(summaries.of_pairs, pairs)
        except Exception:
            self._pairs.update(pairs)
            raise
        for user_id, room_id in pairs:
            summary = found.get((user_id, room_id))
            for connection, follower in views[user_id]:
                if follower.tail.room_id == room_id:
                    await self._tell_view(connection, follower, summary)
            self.take(user_id, room_id, summary)

    async def _tell_view(self, connection, follower, summary):
        if summary is None:
            # A line may say so as well; then it is the last one that they are sent.
            follower.tail.ring()
            if (reading := follower.tail.running) is not None:
                await asyncio.wait([reading])
            connection.end_view(follower)
        elif summary.role is None and connection.listener is not None and not follower.stopped:
            connection.listener.changed(summary)  # such as that moderators have not let them in

    async def _tell_accounts(self, user_ids: Sequence[int]) -> None:
        try:
            found = await self._database.read(summaries.of_members, user_ids)
        except Exception:
            self._user_ids.update(user_ids)
            raise
        for user_id, rooms in found.items():
            by_id = {summary.id: summary for summary in rooms}
            if user_id in self._accounts:
                for room_id in by_id.keys() | self._accounts.rooms_of(user_id).keys():
                    self.take(user_id, room_id, by_id.get(room_id))
                views = self._accounts.views(user_id)
                self.add((user_id, follower.tail.room_id) for _, follower in views)

    def take(
        self,
        user_id: int,
        room_id: int,
        summary: RoomSummary | None,
        spared: OpenRooms | None = None,
    ) -> None:
        """Take the present state of a room of an account, as `AccountsHere.apply` does.

        If messages were counted meanwhile, the state is older than the counts, and is read again.
        """
        self._accounts.apply(user_id, room_id, summary, spared)
        if summary is not None and not self._counts.begin(summary):
            self.add([(user_id, room_id)])
