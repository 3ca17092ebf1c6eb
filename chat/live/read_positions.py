"""Saves how far members have read, in batches, and tells their other connections."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from chat.live import shared_task, timing
from chat.live.accounts_here import AccountsHere
from chat.live.database import Database, Unavailable
from chat.live.doorbell import Doorbell, Subject
from chat.room import reading, summaries
from chat.room.reading import ReadPosition
from chat.room.summaries import RoomSummary

logger = logging.getLogger(__name__)

Pair = tuple[int, int]  # account and room


class ReadPositions:
    """Collects positions and saves them together, at most every `timing.SAVE_READ`.

    Only the furthest position of an account in a room is kept, so the queue is bounded by the rooms
    of the accounts that are here. `take(user_id, room_id, summary)` tells the account.
    """

    def __init__(
        self,
        database: Database,
        accounts: AccountsHere,
        doorbell: Doorbell,
        take: Callable[[int, int, RoomSummary], None],
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._doorbell = doorbell
        self._take = take
        self._waiting: dict[Pair, int] = {}
        self._turn = asyncio.Lock()  # to save and to tell
        self.running: asyncio.Task[None] | None = None

    def add(self, user_id: int, room_id: int, seq: int) -> bool:
        """Save soon that an account has read a room up to a line.

        Returns False if the room is none of those of the account.
        """
        if user_id not in self._accounts or room_id not in self._accounts.rooms_of(user_id):
            return False
        key = user_id, room_id
        self._waiting[key] = max(seq, self._waiting.get(key, 0))
        if self.running is None:
            self.running = shared_task.start(self._save())
        return True

    async def mark_unread(self, user_id: int, room_id: int, seq: int) -> None:
        """Mark a line and what follows it as unread, and tell the account. Raises `Unavailable`.

        What was read before is saved and told first: a page that has read further than it is told
        waits for the position that it has sent.
        """
        async with self._turn:
            await self._save_waiting()
            if await self._database.write(reading.mark_unread, user_id, room_id, seq):
                await self._tell([(user_id, room_id)])

    async def _save(self):
        try:
            while self._waiting:
                await asyncio.sleep(timing.SAVE_READ)
                try:
                    await self.flush()
                except Unavailable:
                    await asyncio.sleep(timing.POLL)
        except Exception:
            logger.exception("Read positions could not be saved")
        finally:
            self.running = None

    async def flush(self) -> None:
        """Save now what waits. Raises `Unavailable`; then it waits further."""
        async with self._turn:
            await self._save_waiting()

    async def _save_waiting(self):
        waiting, self._waiting = self._waiting, {}
        positions = [ReadPosition(*key, seq) for key, seq in waiting.items()]
        if not positions:
            return
        try:
            saved = await self._database.write(reading.advance, positions)
        except Unavailable:
            self._put_back(waiting)
            raise
        await self._tell([(each.user_id, each.room_id) for each in saved if each is not None])

    def _put_back(self, waiting):
        for key, seq in waiting.items():
            self._waiting[key] = max(seq, self._waiting.get(key, 0))

    async def _tell(self, pairs: Sequence[Pair]) -> None:
        """Tell the accounts what follows their new positions. If it fails, the poll does it."""
        found = await self._database.read(summaries.of_pairs, pairs) if pairs else {}
        for user_id, room_id in pairs:
            self._doorbell.ring(Subject.ACCOUNTS, user_id)
            if (summary := found.get((user_id, room_id))) is not None:
                self._take(user_id, room_id, summary)
