"""This server process: its connections, its tails, and the beat that shows that it lives."""

import asyncio
import logging
import os
import time
from contextlib import contextmanager, suppress
from typing import NamedTuple

from chat.accounts import sessions
from chat.live import doorbell, host
from chat.live.database import Database, GroupCommit, GroupRead, Unavailable
from chat.live.member import Connection, End
from chat.live.tail import Tail
from chat.models import Room
from chat.room import presence, transcript
from chat.room.presence import Entrant
from chat.room.refusal import Refused
from chat.room.transcript import Said

logger = logging.getLogger("chat.process")

POLL = 1  # seconds between looks at the rooms' counters and at our connections
LOOK_CLOSELY = 5  # looks at our connections of which one looks at each of them
BEAT = 5  # seconds between beats
CHECK_SESSIONS = 60  # seconds between looks at the sessions behind our connections
DEAD = 20  # seconds of an unchanged beat, by our own clock, until another process is dead
DEAD_AFTER = 4  # beats of ours in that time: when all stood still, nobody is dead
CLOSE_WITHIN = 3  # seconds that the sockets have to close when we stop
GRACE = 10  # seconds that a lost web connection keeps its place
RETURN_EACH = 0.02  # seconds for each
COME_BACK_WITHIN = 10  # seconds over which members are told to return after a stop

_current = None


class Stopping(Exception):
    """Nobody is let in any more: this process stops."""


async def current():
    """The process's only `ServerProcess`, started."""
    global _current
    loop = asyncio.get_running_loop()
    if _current is None or _current.loop is not loop:
        _current = ServerProcess()
    await _current.start()
    return _current


async def stop():
    """Stop the process's `ServerProcess`, once, however many ask."""
    if _current is not None:
        await _current.stop()


def is_ready():
    """Whether this process serves: it has started and is not about to stop."""
    return _current is not None and _current.id is not None and not _current.stopping


def wake(room_id):
    """Make the log's newest rows seen at once; for synchronous code on any thread.

    Without it they are seen with the next poll, by this process and others.
    """
    if _current is not None and not _current.loop.is_closed():
        _current.loop.call_soon_threadsafe(_current.committed, room_id)


def wake_all():
    """`wake` for every room that somebody here follows."""
    if _current is not None:
        for room_id in list(_current.tails):
            wake(room_id)


class ServerProcess:
    """Everything that lives in this process and event loop."""

    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.database = Database()
        self.users = GroupRead(self.database, sessions.users_of, sessions.MAX_KEYS_AT_ONCE)
        self.id = None
        self.room = None
        self.tails = {}
        self.connections = {}
        self.stopping = False
        self.returning = 1  # seconds over which members should come back after a restart
        self.capacity = host.spare_descriptors()
        self.open_sockets = 0
        self._empty = None  # set when the last socket has closed, while we stop
        self._starting = None
        self._stop = None
        self._opening = {}
        self._commits = {}
        self._tasks = []
        self._endings = set()
        self._losing = set()  # connections that broke, until the database knows
        self._graces = set()  # lost connections that a timer will end
        self._strangers = set()  # rows of ours without a connection, at the last look
        self._looks = 0  # at our connections' rows
        self._rising = None
        self._leaving = {}  # (function, room id) -> connections to end as soon as the database can
        self._observed = {}  # process id -> Observed
        self._doorbell = None

    # Life

    async def start(self):
        """Register, take over what a predecessor on this host left, and begin to beat."""
        if self._starting is None:
            self._starting = self.loop.create_task(self._start())
        try:
            await asyncio.shield(self._starting)
        except Exception:
            self._starting = None  # the next who comes tries again
            raise

    async def _start(self):
        self._doorbell = doorbell.make(self.ring)
        await self._register()
        self.room = await self.database.write(Room.first)
        await self._look_at_others()
        self._tasks = [
            self.loop.create_task(self._every(POLL, self._poll)),
            self.loop.create_task(self._every(BEAT, self._beat)),
            self.loop.create_task(self._every(CHECK_SESSIONS, self._end_signed_out)),
            self.loop.create_task(self._doorbell.listen()),
        ]

    async def _register(self):
        pid = os.getpid()
        self.id = await self.database.write(
            presence.register, host.name(), pid, host.started(pid) or ""
        )

    async def _every(self, seconds, job):
        while True:
            await asyncio.sleep(seconds)
            try:
                await job()
            except Unavailable as error:
                logger.warning("The database is away: %s", type(error).__name__)
            except Exception:
                logger.exception("%s failed", job.__qualname__)

    @property
    def return_within(self):
        """Seconds over which members should come back after a stop: more for more of them."""
        return min(COME_BACK_WITHIN, len(self.connections) * RETURN_EACH)

    async def stop(self):
        """Send what was said, close what is open, and end. Web members keep their place."""
        if self._stop is None:
            self._stop = self.loop.create_task(self._stop_once())
        await asyncio.shield(self._stop)

    async def _stop_once(self):
        self.stopping = True
        for task in self._tasks:
            task.cancel()
        await self._settle()
        self.returning = self.return_within
        for connection in list(self.connections.values()):
            connection.end(End.RESTART)
        if self.open_sockets:
            self._empty = self.loop.create_future()
            await asyncio.wait([self._empty], timeout=CLOSE_WITHIN)
        await self._settle()
        with suppress(Unavailable):
            if self.id is not None:
                await self.database.write(presence.retire, self.id)
        if self._doorbell is not None:
            await self._doorbell.close()
        await self.loop.run_in_executor(None, self.database.close)

    async def _settle(self):
        """Wait until what is being saved is saved, and what is saved has been sent."""
        workers = [*self._commits.values(), *self.tails.values()]
        while running := [worker.running for worker in workers if worker.running is not None]:
            await asyncio.wait(running)
        for tail in self.tails.values():
            tail.settle()

    # Rooms

    def ring(self, room_id):
        """A room's log has grown: wake its tail, if anybody here follows it."""
        if room_id in self.tails:
            self.tails[room_id].ring()

    async def tail(self, room_id):
        """The room's tail, opened when nobody here followed it before."""
        if room_id not in self.tails:
            if room_id not in self._opening:
                self._opening[room_id] = self.loop.create_task(self._open_tail(room_id))
            await asyncio.shield(self._opening[room_id])
        return self.tails[room_id]

    async def _open_tail(self, room_id):
        try:
            tail = Tail(room_id, self.database)
            await tail.open()
            self._doorbell.follow(room_id)
            self.tails[room_id] = tail
        finally:
            del self._opening[room_id]

    def _commit(self, function, room_id):
        key = (function, room_id)
        if key not in self._commits:
            committed = self.said if function is transcript.say else self.committed
            self._commits[key] = GroupCommit(self.database, function, room_id, committed)
        return self._commits[key]

    def committed(self, room_id, _results=()):
        """A room's log has grown by a commit of this process: wake our tail and the others'.

        `GroupCommit` gives the results; here the log is read for what they have led to.
        """
        self._doorbell.ring(room_id)
        self.ring(room_id)

    def said(self, room_id, results):
        """The same, where the lines are at hand: our tail need not read them.

        Unless others have to be read first; then it returns the task that does.
        """
        self._doorbell.ring(room_id)
        lines = [said.line for said in results if isinstance(said, Said) and said.line]
        if lines:
            self.tails[room_id].offer(lines)
        return self.tails[room_id].running

    # Members

    @contextmanager
    def place(self):
        """A place for one more open socket; false in a process that has no more of them."""
        self.open_sockets += 1
        try:
            yield self.open_sockets <= self.capacity and not self.stopping
        finally:
            self.open_sockets -= 1
            if self._empty is not None and not self.open_sockets and not self._empty.done():
                self._empty.set_result(None)

    async def enter(self, name, *, user_id, door, wire, send, close, write=None, session_key=""):
        """Let somebody into the room. Returns the `Connection`, which follows nothing yet.

        Raises `Refused`, `Unavailable` when the database is away, and `Stopping`.
        """
        tail = await self.tail(self.room.pk)
        if self.stopping:
            raise Stopping
        entrant = Entrant(name, user_id, self.id, door, session_key)
        entering = asyncio.ensure_future(self._commit(presence.enter, self.room.pk).submit(entrant))
        try:
            stay = await asyncio.shield(entering)
        except asyncio.CancelledError:
            entering.add_done_callback(self._nobody_came)
            raise
        if isinstance(stay, Refused):
            raise stay
        if self.stopping:  # those who are told to come back may have been told already
            await self._turn_away(stay, user_id)
        connection = Connection(
            stay,
            tail,
            self._commit(transcript.say, self.room.pk),
            wire=wire,
            send=send,
            close=close,
            write=write,
            session_key=session_key,
        )
        self.connections[connection.id] = connection
        return connection

    async def _turn_away(self, stay, user_id):
        """Let nobody in who has entered while we began to stop. A web member keeps the place."""
        if user_id is None:
            leaving = self._end(presence.leave, self.room.pk, stay.connection_id)
            await asyncio.shield(self._keep(leaving))
        raise Stopping

    def _nobody_came(self, entering):
        if entering.exception() is None and not isinstance(entering.result(), Refused):
            self._end_soon(self.room.pk, entering.result().connection_id)

    async def leave(self, connection):
        """End a connection at once: the member's own wish, or a legacy connection's end."""
        self._let_go(connection)
        leaving = self._keep(self._end(presence.leave, connection.tail.room_id, connection.id))
        await asyncio.shield(leaving)

    async def linger(self, connection):
        """End a lost web connection after the grace, unless we are dead by then.

        A reload cannot be told from a closed tab; whoever comes back meanwhile was never away.
        """
        self._let_go(connection)
        if not self.stopping:
            room_id = connection.tail.room_id
            self._end_later(room_id, connection.id, GRACE)
            await asyncio.shield(self._keep(self._lose(room_id, connection.id)))

    async def _lose(self, room_id, connection_id):
        self._losing.add(connection_id)
        try:
            while True:
                with suppress(Unavailable):
                    return await self._commit(presence.lose, room_id).submit(connection_id)
                await asyncio.sleep(POLL)
        finally:
            self._losing.discard(connection_id)

    def _end_later(self, room_id, connection_id, grace):
        self._graces.add(connection_id)
        self.loop.call_later(grace, self._end_soon, room_id, connection_id)

    def _end_soon(self, room_id, connection_id):
        self._graces.discard(connection_id)
        if not self.stopping:
            self._keep(self._end(presence.expire, room_id, connection_id))

    def _keep(self, coroutine):
        """A task that goes on whoever waits for it; the loop itself would not keep it alive."""
        task = self.loop.create_task(coroutine)
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)
        return task

    def _let_go(self, connection):
        connection.stop()
        self.connections.pop(connection.id, None)

    async def _end(self, function, room_id, connection_id):
        try:
            await self._commit(function, room_id).submit(connection_id)
        except Exception as error:
            if not isinstance(error, Unavailable):
                raise
            self._leaving.setdefault((function, room_id), set()).add(connection_id)

    # Once a second

    async def _poll(self):
        self._end_stuck()  # first, since the rest raises when the database is away
        leaving, self._leaving = self._leaving, {}
        await asyncio.gather(
            *(
                self._keep(self._end(function, room_id, connection_id))
                for (function, room_id), connection_ids in leaving.items()
                for connection_id in connection_ids
            )
        )
        counters = await self.database.read(transcript.counters, list(self.tails))
        for room_id, state in counters.items():
            self.tails[room_id].compare(state)
        await self._end_evicted()

    async def _end_evicted(self):
        """Close the connections whose rows somebody deleted: put out, signed out, deactivated.

        As long as the number and the sum of their ids are right, the rows themselves, and new
        session keys in them, are looked at now and then only.
        """
        self._looks += 1
        if self._looks % LOOK_CLOSELY and not self._strangers:
            found = await self.database.read(presence.fingerprint, self.id)
            if found == (len(self.connections), sum(self.connections)):
                return None
        ours, own_id = dict(self.connections), self.id
        held = await self.database.read(presence.connections_of, own_id)
        evicted = [ours[pk] for pk in ours if pk not in held and not ours[pk].ended]
        if evicted and not await self.database.read(presence.is_registered, own_id):
            return await self._rise_again(own_id)
        for connection in evicted:
            connection.end(await self._why_evicted(connection))
        for pk in ours.keys() & held.keys():
            ours[pk].session_key = held[pk]  # a new password makes a new one
        self._end_strangers(held.keys() - ours.keys() - self.connections.keys() - self._losing)
        await self._end_forgotten()
        return None

    def _end_strangers(self, strangers):
        """End rows of ours that no connection stands behind, when they were so last time too.

        A commit may succeed though it seemed to fail, and whoever waited for it may be gone.
        """
        for connection_id in strangers & self._strangers:
            self._end_soon(self.room.pk, connection_id)
        self._strangers = strangers

    async def _end_forgotten(self):
        """See to lost connections of ours that no timer ends.

        A take-over may fail after a part of it was done, or be done though it seemed to fail.
        """
        for connection_id, room_id in (await self.database.read(presence.lost_of, self.id)).items():
            if connection_id not in self._graces | self._losing:
                self._end_later(room_id, connection_id, GRACE + COME_BACK_WITHIN)

    async def _why_evicted(self, connection):
        if not connection.session_key:
            return End.REMOVED
        user = await self.users.ask(connection.session_key)
        return End.REMOVED if user is not None else End.SIGNED_OUT

    def _end_stuck(self):
        now = time.monotonic()
        for connection in list(self.connections.values()):
            if connection.is_stuck(now):
                connection.end(End.SLOW)

    # Once a minute

    async def _end_signed_out(self):
        """Close what is open without a session, and let its members come back if they may.

        It may have expired; and whoever ended it may have failed before they closed its sockets.
        Or it goes on under a new key, which Django gives it when the site's secret key has changed.
        """
        keys = {connection.session_key for connection in self.connections.values()} - {""}
        for some in _in_parts(list(keys), sessions.MAX_KEYS_AT_ONCE):
            ended = await self.database.read(sessions.not_signed_in, some)
            for connection in list(self.connections.values()):
                if connection.session_key in ended:
                    connection.end(End.RESTART)

    # Every few seconds

    async def _beat(self):
        own_id = self.id
        try:
            alive = await self.database.write(presence.beat, own_id)
        except Unavailable:
            self._observed = {}  # others could not beat either: begin to observe anew
            raise
        if alive:
            await self._look_at_others()
        else:
            await self._rise_again(own_id)
        self.room = await self.database.read(Room.first)  # it may have a new name
        self._doorbell.renew()

    async def _rise_again(self, own_id):
        """We were taken for dead (frozen, cut off): our people have left. Begin anew.

        `own_id` is what we were dead as: two who find it out at once begin one life.
        """
        if own_id == self.id and self._rising is None:
            self._rising = self.loop.create_task(self._rise())
        if self._rising is not None:
            await asyncio.shield(self._rising)

    async def _rise(self):
        try:
            await self._register()
        finally:
            self._rising = None
        logger.warning("This process was taken for dead; its members have to come back")
        for connection in list(self.connections.values()):
            connection.end(End.RESTART)

    async def _look_at_others(self):
        now, heard = time.monotonic(), await self.database.read(presence.others, self.id)
        self._observed = {other.id: self._observe(other, now) for other in heard}
        ended = [
            other
            for other in heard
            if other.host == host.name() and host.started(other.pid) != other.started
        ]
        dead = {pk for pk, observed in self._observed.items() if observed.is_dead(now)}
        for other in ended:
            await self._take_over(other)
        if dead := dead - {other.id for other in ended}:
            await self.database.write(presence.bury, dead)

    def _observe(self, other, now):
        observed = self._observed.get(other.id)
        if observed is None or observed.beat != other.beat:
            return Observed(other.beat, now, 0)
        return observed._replace(looks=observed.looks + 1)

    async def _take_over(self, other):
        """Keep the places of a predecessor's web members for a while; they may come back."""
        grace = GRACE + COME_BACK_WITHIN if other.stopped else GRACE
        taken = await self.database.write(presence.take_over, self.id, [other.id])
        for room_id, connection_ids in taken.items():
            for connection_id in connection_ids:
                self._end_later(room_id, connection_id, grace)


def _in_parts(values, size):
    return [values[start : start + size] for start in range(0, len(values), size)]


class Observed(NamedTuple):
    """How another process looks from here: its beat, since when, and how often we looked."""

    beat: int
    since: float
    looks: int

    def is_dead(self, now):
        return now - self.since > DEAD and self.looks >= DEAD_AFTER
