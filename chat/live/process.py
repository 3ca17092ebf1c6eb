"""The life of this server process: start, regular jobs, and a graceful stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from chat.accounts import sessions
from chat.live import timing
from chat.live.cluster import Cluster
from chat.live.database import Database, Unavailable
from chat.live.evictions import Evictions
from chat.live.group_read import GroupRead
from chat.live.member import CloseReason
from chat.live.members import Members
from chat.live.open_sockets import OpenSockets
from chat.live.rooms import Rooms
from chat.room import changes

logger = logging.getLogger(__name__)

_current: "ServerProcess | None" = None


async def current() -> "ServerProcess":
    """Return the only `ServerProcess` of this process, started.

    Raises `Unavailable` when the database is away.
    """
    global _current
    loop = asyncio.get_running_loop()
    if _current is None or _current.loop is not loop:
        _current = ServerProcess()
    await _current.start()
    return _current


async def stop() -> None:
    """Stop the current `ServerProcess`. Further calls wait for the same stop."""
    if _current is not None:
        await _current.stop()


def is_ready() -> bool:
    """Return whether this process has started and is not about to stop."""
    return _current is not None and _current.cluster.registered and not _current.stopping


class ServerProcess:
    """The live part of this process: rooms, members, and the jobs that run regularly."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.database = Database()
        self.rooms = Rooms(self.database)
        self.members = Members(self)
        self.evictions = Evictions(self)
        self.sockets = OpenSockets()
        self.users = GroupRead(self.database, sessions.users_of, sessions.MAX_KEYS_AT_ONCE)
        self.cluster = Cluster(
            self.database,
            on_take_over=self.members.departures.expire_later,
            on_declared_dead=lambda: self.members.end_all(CloseReason.RESTART),
        )
        self.stopping = False
        self.return_within = 1.0  # seconds over which members should return after the stop
        self._jobs: list[asyncio.Task[None]] = []
        self._starting: asyncio.Task[None] | None = None
        self._stopped: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Register, take over the connections of dead processes of this host, and start the jobs.

        Concurrent callers share one start. After a failed one the next caller tries again.
        """
        if self._starting is None:
            self._starting = self.loop.create_task(self._start())
        try:
            await asyncio.shield(self._starting)
        except Exception:
            self._starting = None
            raise

    async def _start(self):
        await self.cluster.register()
        await self.rooms.load_lobby()
        await self.cluster.look_at_others()
        changes.listen(self._hear_change)
        self._jobs = [
            self.loop.create_task(self._every(timing.POLL, self.poll)),
            self.loop.create_task(self._every(timing.BEAT, self.beat)),
            self.loop.create_task(
                self._every(timing.CHECK_SESSIONS, self.evictions.end_without_session)
            ),
            self.loop.create_task(self.rooms.listen()),
        ]

    def _hear_change(self, room_id):
        """Wake the readers of a room that was changed by synchronous code, on any thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.rooms.announce, room_id)

    async def _every(self, seconds: float, job: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await job()
            except Unavailable as error:
                logger.warning("The database is away: %s", type(error).__name__)
            except Exception:
                logger.exception("%s failed", getattr(job, "__qualname__", job))

    async def poll(self) -> None:
        """Find what no ring has announced: new lines, and members whose rows were deleted."""
        self.members.end_stuck()  # first, since the rest raises when the database is away
        await self.members.departures.retry()
        await self.rooms.poll()
        await self.evictions.check()

    async def beat(self) -> None:
        """Show that this process lives, and renew what expires."""
        await self.cluster.beat()
        await self.rooms.load_lobby()
        self.rooms.renew()

    async def stop(self) -> None:
        """Send what was said, close what is open, and end. Web members keep their places."""
        if self._stopped is None:
            self._stopped = self.loop.create_task(self._stop())
        await asyncio.shield(self._stopped)

    async def _stop(self):
        self.stopping = True
        self.members.departures.stop()
        for job in self._jobs:
            job.cancel()
        await self.rooms.wait_settled()
        self.return_within = self.members.return_within
        self.members.end_all(CloseReason.RESTART)
        await self.sockets.wait_closed(timing.CLOSE_WITHIN)
        await self.rooms.wait_settled()
        with suppress(Unavailable):
            await self.cluster.retire()
        await self.rooms.close()
        await self.loop.run_in_executor(None, self.database.close)
