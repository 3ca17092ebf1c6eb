"""The life of this server process: start, regular jobs, and a graceful stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from chat.accounts import event_rows, events, sessions
from chat.accounts.mail_queue import mails
from chat.live import doorbell, shared_task, timing
from chat.live.address_keeper import AddressKeeper
from chat.live.cluster import Cluster
from chat.live.database import Closed, Database, Unavailable
from chat.live.doorbell import Subject
from chat.live.evictions import Evictions
from chat.live.flood_limits import FloodLimits, limits_of_settings
from chat.live.group_read import GroupRead
from chat.live.health import Health
from chat.live.held_watch import HeldWatch
from chat.live.ignoring import IgnoreLists
from chat.live.member import CloseReason
from chat.live.members import Members
from chat.live.open_sockets import OpenSockets
from chat.live.personal_notices import PersonalNotices
from chat.live.rank_watch import RankWatch
from chat.live.read_positions import ReadPositions
from chat.live.room_watch import RoomWatch
from chat.live.rooms import Rooms
from chat.live.sanction_watch import SanctionWatch
from chat.live.search_keeper import SearchKeeper
from chat.live.upload_keeper import UploadKeeper
from chat.live.waiting_watch import WaitingWatch
from chat.room import changes, holding, log, reports, soundness
from chatsite.logs.causes import describe

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


def sockets() -> OpenSockets | None:
    """Return the open sockets of this process, for servers; None before the process has started."""
    return None if _current is None else _current.sockets


def problems() -> dict[str, str]:
    """Return {part: what is wrong with it} while this process should get no new visitors."""
    if _current is None or not _current.cluster.registered:
        return {"process": "it has not started yet"}
    if _current.stopping:
        return {"process": "it is stopping"}
    problems = _current.health.problems()
    if _current.uploads.storing.away:
        problems["files"] = "they cannot be stored"
    return problems


def is_stuck() -> bool:
    """Return whether the regular jobs of this process have ended, so that it must be replaced."""
    return _current is not None and not _current.stopping and _current.health.is_stuck()


class ServerProcess:
    """The live part of this process: rooms, members, and the jobs that run regularly."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.database = Database()
        self.doorbell = doorbell.make(
            {
                Subject.ROOMS: lambda room_id: self.rooms.look_at(room_id),
                Subject.ACCOUNTS: lambda user_id: self.watch.refresh(user_id),
                Subject.CONNECTIONS: lambda connection_id: self.evictions.hear(connection_id),
                Subject.PEOPLE: lambda connection_id: self.personal.hear(connection_id),
            }
        )
        self.search = SearchKeeper(self.database)
        self.rooms = Rooms(self.database, self.doorbell, on_change=self._note_change)
        self.watch = RoomWatch(self.rooms, self.database)
        self.positions = ReadPositions(
            self.database, self.watch.accounts, self.doorbell, self.watch.take
        )
        self.held = HeldWatch(self.database)
        self.members = Members(self)
        self.ignore_lists = IgnoreLists(self.database, self.members.by_id)
        self.personal = PersonalNotices(self.database, self.members.by_id)
        self.waiting = WaitingWatch(self.database)
        self.ranks = RankWatch(self.database, self.rooms, self.watch)
        self.sanctions = SanctionWatch(self.database, self.members.by_id, self.watch.refresh)
        self.evictions = Evictions(self)
        self.sockets = OpenSockets()
        self.flood_limits = FloodLimits(limits_of_settings())
        self.users = GroupRead(self.database, sessions.users_of, sessions.MAX_KEYS_AT_ONCE)
        self.cluster = Cluster(
            self.database,
            on_take_over=self.members.departures.expire_later,
            on_declared_dead=lambda: self.members.end_all(CloseReason.RESTART),
        )
        self.health = Health(self.database, self.rooms)
        self.uploads = UploadKeeper(self.database)
        self.addresses = AddressKeeper(self.database, self.cluster)
        self.stopping = False
        self.return_within = 1.0  # seconds over which members should return after the stop
        self._jobs: list[asyncio.Task[None]] = []
        self._starting: asyncio.Task[None] | None = None
        self._stopped: asyncio.Task[None] | None = None

    def _note_change(self, room_id):
        self.watch.notice(room_id)
        self.search.notice()

    async def start(self) -> None:
        """Register, take over the connections of dead processes of this host, and start the jobs.

        Concurrent callers share one start. After a failed one the next caller tries again.
        """
        if self._starting is None:
            self._starting = shared_task.start(self._start())
        try:
            await asyncio.shield(self._starting)
        except Exception:
            self._starting = None
            raise

    async def _start(self):
        await self.database.read(soundness.check_at_start)
        await self.cluster.register()
        await self.rooms.load_lobby()
        self.watch.begin(await self.database.read(log.counters))
        await self.sanctions.begin()
        await self.cluster.look_at_others()
        changes.listen(self._hear_change, self._hear_ended, self._hear_account, self._hear_people)
        events.store_in_background(self._stores_events)
        self._jobs = [
            self.loop.create_task(self._every(timing.POLL, self.poll)),
            self.loop.create_task(self._every(timing.POLL, self.waiting.look)),
            self.loop.create_task(self._every(timing.POLL, self.ranks.look)),
            self.loop.create_task(self._every(timing.BEAT, self.beat)),
            self.loop.create_task(
                self._every(timing.CHECK_SESSIONS, self.evictions.end_without_session)
            ),
            self.loop.create_task(self._every(timing.INDEX, self.search.keep)),
            self.loop.create_task(self._every(timing.STORE_EVENTS, self.store_events)),
            self.loop.create_task(self._every(timing.DELETE_EVENTS, self.delete_old_events)),
            self.loop.create_task(self._every(timing.DELETE_DECIDED, self.delete_decided)),
            self.loop.create_task(self._every(timing.DELETE_FILES, self.uploads.delete)),
            self.loop.create_task(self._every(timing.STORE_ADDRESSES, self.addresses.store)),
            self.loop.create_task(self._every(timing.LOOK_AT_ADDRESSES, self.addresses.look)),
            self.loop.create_task(self.doorbell.listen()),
            *(
                self.loop.create_task(self._at_once_and_every(timing.LOOK, look))
                for look in (*self.health.looks, self.uploads.look_at_storage)
            ),
        ]

    def _hear_change(self, room_id):
        """Wake the readers of a room that was changed by synchronous code, on any thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.rooms.announce, room_id)

    def _hear_ended(self, connection_id):
        """Close the socket of a connection that was ended by synchronous code, on any process."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.evictions.hear, connection_id)
            self.loop.call_soon_threadsafe(self.doorbell.ring, Subject.CONNECTIONS, connection_id)

    def _hear_account(self, user_id):
        """Tell the connections of an account, on all processes, of its place in a room."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.watch.refresh, user_id)
            self.loop.call_soon_threadsafe(self.doorbell.ring, Subject.ACCOUNTS, user_id)

    def _hear_people(self, connection_id):
        """Look for notices for the person of a connection, on whatever process it is."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.personal.hear, connection_id)
            self.loop.call_soon_threadsafe(self.doorbell.ring, Subject.PEOPLE, connection_id)

    def _stores_events(self):
        return self.loop.is_running() and not self.stopping

    async def _every(self, seconds: float, job: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self.run_job(job)

    async def _at_once_and_every(self, seconds, job):
        await self.run_job(job)
        await self._every(seconds, job)

    async def run_job(self, job: Callable[[], Awaitable[None]]) -> None:
        """Run a job once. Errors are logged, and the next run of a regular job tries again."""
        try:
            await job()
        except Closed:
            pass
        except Unavailable as error:
            if not self.health.database_is_away:
                logger.warning("%s failed: %s", _name(job), describe(error))
        except Exception:
            logger.exception("%s failed", _name(job))

    async def poll(self) -> None:
        """Find what no ring has announced: new lines, and members whose rows were deleted."""
        self.members.end_stuck()  # first, since the rest raises when the database is away
        await self.members.departures.retry()
        counters = await self.rooms.poll()
        await self.watch.look_for_positions()
        self.watch.compare(counters)
        await self.sanctions.look()
        await self.evictions.check()
        await self.held.look()

    async def beat(self) -> None:
        """Show that this process lives, and renew what expires."""
        await self.cluster.beat()
        await self.rooms.load_lobby()
        self.doorbell.renew()
        self.rooms.close_unused()
        await self.ignore_lists.look()

    async def store_events(self) -> None:
        """Store the security events that were recorded in this process."""
        if events.has_unstored():
            with suppress(*Unavailable):  # they are tried again
                await self.database.write_in_background(events.store)

    async def delete_old_events(self) -> None:
        """Delete the security events that are too old, a few at a time."""
        while await self.database.write_in_background(event_rows.delete_old):
            await asyncio.sleep(timing.POLL)

    async def delete_decided(self) -> None:
        """Delete the reports and held messages that were decided long ago, a few at a time."""
        for delete_old in (holding.delete_old, reports.delete_old):
            while await self.database.write_in_background(delete_old):
                await asyncio.sleep(timing.POLL)

    async def stop(self) -> None:
        """Send what was said, close what is open, and end. Web members keep their places."""
        if self._stopped is None:
            self._stopped = self.loop.create_task(self._stop())
        await asyncio.shield(self._stopped)

    async def _stop(self):
        self.stopping = True
        sending_mails = self.loop.run_in_executor(None, mails().stop)
        self.members.departures.stop()
        for job in self._jobs:
            job.cancel()
        await self.rooms.wait_settled()
        self.return_within = self.members.return_within
        self.members.end_all(CloseReason.RESTART)
        await self.sockets.wait_closed(timing.CLOSE_WITHIN)
        await self.rooms.wait_settled()
        await sending_mails
        for last in (
            *(self.store_events, self.addresses.store),
            *(self.positions.flush, self.cluster.retire),
        ):
            await self.run_job(last)
        await self.doorbell.close()
        await self.loop.run_in_executor(None, self.database.close)


def _name(job):
    return getattr(job, "__qualname__", repr(job))
