"""The rooms that this process serves: their tails and their group commits."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from chat.live import room_people, shared_task, timing
from chat.live.cork import cork
from chat.live.database import Database
from chat.live.doorbell import Doorbell, Subject
from chat.live.group_commit import GroupCommit
from chat.live.group_read import GroupRead
from chat.live.recent import KEPT_LINES
from chat.live.tail import Tail
from chat.models import Line, Room
from chat.room import log, state, summaries, transcript
from chat.room.log import Counters
from chat.room.newcomers import Held
from chat.room.transcript import Said

SUMMARIES_AT_ONCE = 200  # rooms, or members with all their rooms, in one query
PEOPLE_AT_ONCE = 10  # rooms whose people are read one after the other, in one call
STATES_AT_ONCE = 50  # rooms whose newest lines are read in one query
# Lines in memory of all rooms but the lobby, unless each has so few; 600 lines take some 360 KB.
LINES_OF_OTHERS = 60_000
FEWEST_LINES = 100

SavingFunction = Callable[[Sequence[Any]], list[Any]]


class Rooms:
    """Opens tails when they are needed, and wakes them when rooms change.

    `on_change(room_id)` is called for each change that this process hears of.
    """

    def __init__(
        self,
        database: Database,
        doorbell: Doorbell,
        *,
        on_change: Callable[[int], None] = lambda room_id: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tails: dict[int, Tail] = {}
        self.lobby: Room  # the room behind both doors; set by `load_lobby`
        # Of one room for one account, by (account, room), and of all rooms of an account.
        self.summaries = GroupRead(database, summaries.of_pairs, SUMMARIES_AT_ONCE)
        self.summaries_of = GroupRead(database, summaries.of_members, SUMMARIES_AT_ONCE)
        self.people = GroupRead(database, room_people.read, PEOPLE_AT_ONCE)
        self._states = GroupRead(database, state.read_others, STATES_AT_ONCE)
        self._database = database
        self._clock = clock
        self._used_at: dict[int, float] = {}  # when the tails of other rooms were last in use
        self.doorbell = doorbell
        self.on_change = on_change
        self._opening: dict[int, asyncio.Task[None]] = {}
        self._changed: set[int] = set()  # rooms that have changed while their tails were opened
        self._commits: dict[SavingFunction, GroupCommit] = {}

    async def load_lobby(self) -> None:
        """Read the lobby, which is created at the first start and may be renamed later."""
        self.lobby = await self._database.write(Room.first)

    async def tail(self, room_id: int) -> Tail:
        """Return the room's tail, and open it if nobody here followed the room before."""
        if room_id not in self.tails:
            if room_id not in self._opening:
                self._opening[room_id] = shared_task.start(self._open(room_id))
            await asyncio.shield(self._opening[room_id])
        self._used_at[room_id] = self._clock()
        return self.tails[room_id]

    async def _open(self, room_id):
        try:
            states = None if room_id == self.lobby.pk else self._states
            tail = Tail(room_id, self._database, states)
            await tail.open()
            self.tails[room_id], self._used_at[room_id] = tail, self._clock()
            if room_id in self._changed:
                tail.ring()  # it was perhaps read before the change
        finally:
            del self._opening[room_id]
            self._changed.discard(room_id)

    def close_unused(self) -> None:
        """Close the tails that nobody has followed for `timing.TAIL_UNUSED`, except the lobby's.

        The others share the memory for lines.
        """
        now = self._clock()
        for room_id, tail in list(self.tails.items()):
            if room_id == self.lobby.pk or tail.is_in_use:
                self._used_at[room_id] = now
            elif now - self._used_at[room_id] > timing.TAIL_UNUSED:
                tail.closed = True
                del self.tails[room_id], self._used_at[room_id]
        self._share_memory()

    def _share_memory(self):
        others = [tail for room_id, tail in self.tails.items() if room_id != self.lobby.pk]
        share = LINES_OF_OTHERS // max(len(others), 1)
        for tail in others:
            tail.keep(min(max(share, FEWEST_LINES), KEPT_LINES))

    def commit(self, function: SavingFunction) -> GroupCommit:
        """Return the group commit of a function of `chat.room`; it serves all rooms."""
        if function not in self._commits:
            committed = self._after_say if function is transcript.say else self._after_commit
            self._commits[function] = GroupCommit(self._database, function, committed)
        return self._commits[function]

    # Waking

    def look_at(self, room_id: int) -> None:
        """Look at a room that has changed, and let its tail read the new lines, if it has one."""
        self._note_change(room_id)
        if room_id in self.tails:
            self.tails[room_id].ring()

    def _note_change(self, room_id):
        if room_id in self._opening:
            self._changed.add(room_id)
        self.on_change(room_id)

    def announce(self, room_id: int) -> None:
        """Wake the tails of all processes after a commit of this process."""
        self.doorbell.ring(Subject.ROOMS, room_id)
        self.look_at(room_id)

    def _after_commit(self, items, results, room_ids):
        """Wake the tails. Our own tails read the new lines."""
        for room_id in room_ids:
            self.announce(room_id)
        return []

    def _after_say(self, sayings, results, room_ids):
        """Wake the other tails, and give ours the new lines, so that they need not read them.

        When lines of other processes have to be read first, returns the tasks that read them.
        """
        lines: dict[int, list[Line]] = {}
        for saying, result in zip(sayings, results, strict=True):
            if isinstance(result, Said) and result.line:
                new = [result.joined, result.line] if result.joined else [result.line]
                lines.setdefault(saying.room_id, []).extend(new)
            elif isinstance(result, Held) and result.joined:
                lines.setdefault(saying.room_id, []).append(result.joined)
        tails = {room_id: self.tails.get(room_id) for room_id in lines}
        with cork.in_place() if len(tails) > 1 else nullcontext():
            for room_id, tail in tails.items():
                self.doorbell.ring(Subject.ROOMS, room_id)
                self._note_change(room_id)
                if tail is not None:
                    tail.offer(lines[room_id])
        running = {tail.running for tail in tails.values() if tail is not None}
        return [task for task in running if task is not None]

    async def poll(self) -> dict[int, Counters]:
        """Find changes that no ring has announced, and return the counters of all rooms."""
        counters = await self._database.read(log.counters)
        for room_id, tail in self.tails.items():
            if room_id in counters:
                tail.compare(counters[room_id])
        return counters

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
