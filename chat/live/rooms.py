"""The rooms that this process serves: their tails and their group commits."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from chat.live import doorbell
from chat.live.database import Database
from chat.live.group_commit import GroupCommit
from chat.live.tail import Tail
from chat.models import Room
from chat.room import log, transcript
from chat.room.transcript import Said

RoomFunction = Callable[[int, Sequence[Any]], list[Any]]


class Rooms:
    """Opens tails when they are needed, and wakes them when rooms change."""

    def __init__(self, database: Database) -> None:
        self.tails: dict[int, Tail] = {}
        self.lobby: Room  # the room behind both doors; set by `load_lobby`
        self._database = database
        self._doorbell = doorbell.make(self.ring_tail)
        self._opening: dict[int, asyncio.Task[None]] = {}
        self._commits: dict[tuple[RoomFunction, int], GroupCommit] = {}

    async def load_lobby(self) -> None:
        """Read the lobby, which is created at the first start and may be renamed later."""
        self.lobby = await self._database.write(Room.first)

    async def tail(self, room_id: int) -> Tail:
        """Return the room's tail, and open it if nobody here followed the room before."""
        if room_id not in self.tails:
            if room_id not in self._opening:
                self._opening[room_id] = asyncio.create_task(self._open(room_id))
            await asyncio.shield(self._opening[room_id])
        return self.tails[room_id]

    async def _open(self, room_id):
        try:
            tail = Tail(room_id, self._database)
            await tail.open()
            self._doorbell.follow(room_id)
            self.tails[room_id] = tail
        finally:
            del self._opening[room_id]

    def commit(self, function: RoomFunction, room_id: int) -> GroupCommit:
        """Return the group commit of a function of `chat.room` in a room."""
        key = (function, room_id)
        if key not in self._commits:
            committed = self._after_say if function is transcript.say else self._after_commit
            self._commits[key] = GroupCommit(self._database, function, room_id, committed)
        return self._commits[key]

    # Waking

    def ring_tail(self, room_id: int) -> None:
        """Let the room's tail read new lines, if anybody here follows the room."""
        if room_id in self.tails:
            self.tails[room_id].ring()

    def announce(self, room_id: int) -> None:
        """Wake the tails of all processes after a commit of this process."""
        self._doorbell.ring(room_id)
        self.ring_tail(room_id)

    def _after_commit(self, room_id, results):
        """Wake the tails. Our own tail reads the new lines."""
        self.announce(room_id)

    def _after_say(self, room_id, results):
        """Wake the other tails, and give ours the new lines, so that it need not read them.

        When lines of other processes have to be read first, returns the task that reads them.
        """
        self._doorbell.ring(room_id)
        lines = [result.line for result in results if isinstance(result, Said) and result.line]
        if lines:
            self.tails[room_id].offer(lines)
        return self.tails[room_id].running

    async def poll(self) -> None:
        """Find changes that no ring has announced."""
        counters = await self._database.read(log.counters, list(self.tails))
        for room_id, state in counters.items():
            self.tails[room_id].compare(state)

    async def listen(self) -> None:
        """Receive the rings of other processes until cancelled."""
        await self._doorbell.listen()

    def renew(self) -> None:
        """Join the bus again, which forgets its members after a while."""
        self._doorbell.renew()

    # Stopping

    async def wait_settled(self) -> None:
        """Wait until everything submitted is saved, and everything saved has been sent."""
        while running := self._running():
            await asyncio.wait(running)
        for tail in self.tails.values():
            tail.flush()

    def _running(self):
        workers = [*self._commits.values(), *self.tails.values()]
        return [worker.running for worker in workers if worker.running is not None]

    async def close(self) -> None:
        """Leave the bus."""
        await self._doorbell.close()
