"""This process among the others: registration, heartbeats, dead processes, and take-over."""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from typing import NamedTuple

from chat.live import host, shared_task, timing
from chat.live.database import Database, Unavailable
from chat.room import processes
from chat.room.processes import OtherProcess

logger = logging.getLogger(__name__)

# A process is dead only if we have looked at it this many times. Otherwise we would declare others
# dead after the whole host stood still.
DEAD_AFTER_LOOKS = 4


class Observation(NamedTuple):
    """The last heartbeat of another process, when we first saw it, and our looks since then."""

    beat: int
    since: float
    looks: int

    def is_dead(self, now: float) -> bool:
        return now - self.since > timing.DEAD and self.looks >= DEAD_AFTER_LOOKS


class Cluster:
    """Registers this process, beats, and takes over what dead processes of this host have left.

    `on_take_over(connection_id, grace)` is called for each web connection that was taken
    over, `on_declared_dead()` after other processes have declared this one dead.
    """

    def __init__(
        self,
        database: Database,
        *,
        on_take_over: Callable[[int, float], None],
        on_declared_dead: Callable[[], None],
    ) -> None:
        self.id: int  # of our row; set by `register`
        self.registered = False
        self._database = database
        self._on_take_over = on_take_over
        self._on_declared_dead = on_declared_dead
        self._registering: asyncio.Task[None] | None = None
        self._observations: dict[int, Observation] = {}  # by process id

    async def register(self) -> None:
        """Insert our row."""
        pid = os.getpid()
        started = host.started(pid) or ""
        self.id = await self._database.write(processes.register, host.name(), pid, started)
        self.registered = True

    async def beat(self) -> None:
        """Show that we live, and look at the others."""
        own_id = self.id
        try:
            alive = await self._database.write(processes.beat, own_id)
        except Unavailable:
            self._observations = {}  # the others could not beat either
            raise
        if alive:
            await self.look_at_others()
        else:
            await self.register_again(own_id)

    async def register_again(self, dead_id: int) -> None:
        """Register again after other processes have declared us dead (frozen, or cut off).

        `dead_id` is the id that was declared dead. Concurrent callers share one registration.
        """
        if dead_id == self.id and self._registering is None:
            self._registering = shared_task.start(self._register_again())
        if self._registering is not None:
            await asyncio.shield(self._registering)

    async def _register_again(self):
        try:
            await self.register()
        finally:
            self._registering = None
        logger.warning("Other processes declared this one dead; its members have to return")
        self._on_declared_dead()

    async def look_at_others(self) -> None:
        """Take over the dead processes of this host, and end the members of other dead ones."""
        others = await self._database.read(processes.others, self.id)
        now = time.monotonic()
        self._observations = {other.id: self._observe(other, now) for other in others}
        ended = [other for other in others if self._has_ended(other)]
        for other in ended:
            await self._take_over(other)
        dead = {pk for pk, observation in self._observations.items() if observation.is_dead(now)}
        if dead := dead - {other.id for other in ended}:
            await self._database.write(processes.bury, dead)

    def _has_ended(self, other: OtherProcess) -> bool:
        return other.host == host.name() and host.started(other.pid) != other.started

    def _observe(self, other: OtherProcess, now: float) -> Observation:
        observation = self._observations.get(other.id)
        if observation is None or observation.beat != other.beat:
            return Observation(beat=other.beat, since=now, looks=0)
        return observation._replace(looks=observation.looks + 1)

    async def _take_over(self, other: OtherProcess) -> None:
        """Keep the places of a predecessor's web members for a while; they may return."""
        grace = timing.GRACE + (timing.RETURN_WITHIN if other.stopped else 0)
        taken = await self._database.write(processes.take_over, self.id, [other.id])
        for connection_id in taken:
            self._on_take_over(connection_id, grace)

    async def retire(self) -> None:
        """Mark our row as stopped in order."""
        if self.registered:
            await self._database.write(processes.retire, self.id)
