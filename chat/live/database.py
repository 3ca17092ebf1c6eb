"""The only place where the event loop meets the database.

Synchronous functions run on threads of our own: one thread writes what members wait for, one writes
in the background, and a few read. Django's shared thread is not used, because a password hash or a
locked write there would stop everything else in the process.
"""

import asyncio
import copy
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import TypeVar, TypeVarTuple

from django.db import (
    DEFAULT_DB_ALIAS,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
)
from django.db.utils import load_backend

from chat.live import timing
from chat.live.busy_time import BusyTime
from chat.live.outages import Outage
from chat.models.unavailable import OutcomeUnknown, Unavailable

READERS = 4  # threads
CLOSE_WITHIN = 2  # seconds that running calls have to end when the process stops

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class Closed(InterfaceError):
    """The process stops, so that the database takes no more calls."""


class Database:
    """Runs synchronous functions of the layers below for the coroutines of one event loop.

    A call that takes longer than `timing.ANSWER_WITHIN` raises OperationalError. If it writes and a
    thread has begun it, this is `OutcomeUnknown`, because it may still take effect. So callers that
    retry use an id that makes the retry harmless, or look at the rows.

    `saving` says whether the last write failed because of the database. `writing` counts the time
    in which calls of `write` are under way.
    """

    def __init__(self) -> None:
        self.saving = Outage("Nothing can be saved", "Messages can be saved again")
        self.writing = BusyTime()
        self._closed = False
        self._failed_at = 0.0  # by the monotonic clock, when a write found the database away
        self._writer = ThreadPoolExecutor(
            1, thread_name_prefix="writer", initializer=_use_own_connection
        )
        self._readers = ThreadPoolExecutor(
            READERS, thread_name_prefix="reader", initializer=_use_own_connection
        )
        self._background = ThreadPoolExecutor(
            1, thread_name_prefix="background", initializer=_use_own_connection
        )
        self._member_reads = asyncio.Semaphore(READERS // 2)

    async def read(self, function: Callable[[*Arguments], Result], *args: *Arguments) -> Result:
        """Return the result of a function that reads. Raises what it raises."""
        return await self._run(self._readers, _call, function, args)

    async def read_for_member(
        self, function: Callable[[*Arguments], Result], *args: *Arguments
    ) -> Result:
        """Do the same for reads that members may request as often as they like.

        Few of them run at once, so that a thread is always left for the process itself.
        """
        async with self._member_reads:
            return await self.read(function, *args)

    async def write(self, function: Callable[[*Arguments], Result], *args: *Arguments) -> Result:
        """Return the result of a function that writes. Calls take effect in their order.

        Calls that waited behind one that found the database away fail together with it, instead
        of waiting for the same timeout once more.
        """
        with self.writing:
            return await self._write_in_turn(function, args)

    async def _write_in_turn(self, function, args):
        try:
            result = await self._run(self._writer, self._write, time.monotonic(), function, args)
        except (Closed, DataError, IntegrityError):
            raise  # these say nothing about the database
        except Error as error:
            if not self._closed:
                self.saving.begin(error)
            raise
        self.saving.end()
        return result

    async def write_in_background(
        self, function: Callable[[*Arguments], Result], *args: *Arguments
    ) -> Result:
        """Do the same for writes that no member waits for, so that they delay no others."""
        return await self._run(self._background, _call, function, args)

    async def write_aside(
        self, function: Callable[[*Arguments], Result], *args: *Arguments
    ) -> Result:
        """Do the same for writes that come often and are short.

        On SQLite they take turns with the writes of members: one of two threads that want its lock
        would have to ask for it again and again.
        """
        if connection.vendor == "sqlite":
            return await self._write_in_turn(function, args)
        return await self.write_in_background(function, *args)

    async def _run(self, executor, *call):
        if self._closed:
            raise Closed("the process stops")
        try:
            result = executor.submit(*call)
        except RuntimeError as error:
            # When `runserver` reloads, the interpreter ends its threads while the loop still runs.
            if "shutdown" not in str(error):
                raise
            raise Closed("the process stops") from None
        try:
            async with asyncio.timeout(timing.ANSWER_WITHIN):
                return await asyncio.wrap_future(result)
        except TimeoutError:
            # A call that no thread has begun is taken back, and one that reads changes nothing.
            may_take_effect = executor is not self._readers and not result.cancel()
            raised = OutcomeUnknown if may_take_effect else OperationalError
            raise raised("the database does not answer") from None

    def _write(self, queued_at, function, args):
        if queued_at < self._failed_at:
            raise OperationalError("the database was away a moment ago")
        try:
            return _call(function, args)
        except Unavailable:
            self._failed_at = time.monotonic()
            raise

    def close(self) -> None:
        """Wait a little for running calls, and close the threads' connections."""
        self._closed = True
        executors = (self._readers, READERS), (self._writer, 1), (self._background, 1)
        closing = [
            each for executor, threads in executors for each in _close_each(executor, threads)
        ]
        for executor, _ in executors:
            executor.shutdown(wait=False)
        wait(closing, CLOSE_WITHIN)


def _close_each(executor: ThreadPoolExecutor, threads: int) -> list[Future[None]]:
    """Begin to close the connection of each thread.

    A thread that is done waits for the others. Otherwise it could take the turn of one that has
    not run yet, whose connection would stay open.
    """
    all_closed = Barrier(threads)

    def close():
        connection.close()
        with suppress(BrokenBarrierError):
            all_closed.wait(CLOSE_WITHIN)

    return [executor.submit(close) for _ in range(threads)]


def _use_own_connection():
    """Give this thread a connection outside the pool; the pool is for pages.

    A pool that has lost the database waits longer and longer between its attempts. A thread with
    its own connection tries again with the next call.
    """
    database = copy.deepcopy(connections.databases[DEFAULT_DB_ALIAS])
    database["OPTIONS"].pop("pool", None)
    wrapper = load_backend(database["ENGINE"]).DatabaseWrapper(database, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = wrapper


def _call(function, args):
    """Call a function on this thread's connection, which stays open unless it is broken."""
    try:
        return function(*args)
    except Unavailable:
        connection.close()
        raise
