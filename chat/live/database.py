"""The only place where the event loop meets the database: small executors, and group commits.

Django's shared thread is not used: one password hash or one locked write there would stop
everything else in the process. One thread writes, a few read.
"""

import asyncio
import copy
import logging
import time
from concurrent.futures import ThreadPoolExecutor, wait

from django.db import (
    DEFAULT_DB_ALIAS,
    InterfaceError,
    OperationalError,
    connection,
    connections,
)
from django.db.utils import load_backend

from chat.live import failpoints

logger = logging.getLogger("chat.database")

READERS = 4
BATCH = 500  # items that share one transaction at most
GATHER = 0.003  # seconds that a batch waits for one more, while there are fewer than there were
GATHER_AGAIN = 5  # times that it does, at most
TOLD_WITHIN = 0.03  # seconds that it may wait before, until the last ones are told
ANSWER_WITHIN = 5.5  # seconds; the databases' own limits are shorter, but a frozen one has none
CLOSE_WITHIN = 2  # seconds that calls have to end when the process does

Unavailable = (OperationalError, InterfaceError)
"""What a call raises when the database is away, full or locked: try again later."""


class NotSaved(OperationalError):
    """A batch failed by a fault of ours, which is logged; its items were not saved."""


class Database:
    """Runs synchronous functions of `chat.room` for coroutines of one event loop.

    A call that takes longer than `ANSWER_WITHIN` raises OperationalError, and may take effect all
    the same: whoever asks again must be known by an id, or be found by the next look at the rows.
    """

    def __init__(self):
        self._closed = False
        self._failed_at = 0  # by the monotonic clock, when a write found the database away
        self._writer = _executor(1, "writer")
        self._readers = _executor(READERS, "reader")
        self._asked = asyncio.Semaphore(READERS // 2)

    async def read(self, function, *args):
        """The result of a function that reads. Raises what it raises."""
        return await self._run(self._readers, _call, function, args)

    async def ask(self, function, *args):
        """`read` for what members ask for as often as they like.

        They wait for each other: a reader is always left for what the process itself has to know.
        """
        async with self._asked:
            return await self.read(function, *args)

    async def write(self, function, *args):
        """The result of a function that writes; calls take effect in their order.

        Whoever waited behind a call that found the database away is told so together with it,
        and does not wait for the same again.
        """
        return await self._run(self._writer, self._write, time.monotonic(), function, args)

    async def _run(self, executor, *call):
        if self._closed:
            raise InterfaceError("the process stops")
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await asyncio.get_running_loop().run_in_executor(executor, *call)
        except TimeoutError:
            raise OperationalError("the database does not answer") from None

    def _write(self, queued_at, function, args):
        if queued_at < self._failed_at:
            raise OperationalError("the database was away a moment ago")
        try:
            return _call(function, args)
        except Unavailable:
            self._failed_at = time.monotonic()
            raise

    def close(self):
        """Wait a little for what is running, and close the threads' connections."""
        self._closed = True
        last = [
            executor.submit(connection.close)
            for executor, threads in ((self._readers, READERS), (self._writer, 1))
            for _ in range(threads)
        ]
        for executor in (self._readers, self._writer):
            executor.shutdown(wait=False)
        wait(last, CLOSE_WITHIN)


def _executor(threads, name):
    return ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=_own_connection)


def _own_connection():
    """Give this thread a connection outside the pool, which is for pages.

    A pool that lost the database tries again ever more slowly; a thread tries with the next call.
    """
    database = copy.deepcopy(connections.databases[DEFAULT_DB_ALIAS])
    database["OPTIONS"].pop("pool", None)
    wrapper = load_backend(database["ENGINE"]).DatabaseWrapper(database, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = wrapper


def _call(function, args):
    """Run a function on this thread's connection, which stays open; a broken one is replaced."""
    try:
        return function(*args)
    except Unavailable:
        connection.close()
        raise


class GroupCommit:
    """Gathers what waits while a transaction runs into the next one.

    `function(room_id, items)` saves many items at once and returns a result for each, or a
    `Refused`; `committed(room_id, results)` is called after each transaction, and may return a task
    that ends when everybody here has been told. The queue needs no bound of its own: a connection
    has one item in it at most.

    Those who have just spoken will do so again when they have heard each other. If the next
    transaction began with those who wait now, or the first who comes, the rest would wait for
    another one, and all lines would be sent in twice as many batches. So it waits for as many as
    were there, but not for long: while one after the other comes. And not before they could hear,
    which takes its time when lines of other processes come in between and have to be read first.
    """

    def __init__(self, database, function, room_id, committed):
        self._database = database
        self._function = function
        self._room_id = room_id
        self._committed = committed
        self._waiting = []
        self._expected = 1  # items
        self._enough = None  # set when so many wait
        self._telling = None  # what `committed` has returned
        self.running = None

    async def submit(self, item):
        """The result of one item, committed. Raises `Unavailable` when it could not be saved."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self.running is None:
            self.running = asyncio.create_task(self._commit())
        elif self._enough is not None and len(self._waiting) >= self._expected:
            self._go_on()
        return await future

    async def _commit(self):
        try:
            while self._waiting:
                await self._gather()
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._commit_batch(batch)
                self._expected = min(len(batch) + len(self._waiting), BATCH)
        finally:
            self.running = None

    async def _gather(self):
        if len(self._waiting) < self._expected and self._telling is not None:
            await asyncio.wait([self._telling], timeout=TOLD_WITHIN)
        self._telling = None
        for _ in range(GATHER_AGAIN):
            waited = len(self._waiting)
            if waited >= self._expected:
                break
            await self._wait_for_more()
            if len(self._waiting) == waited:
                break

    async def _wait_for_more(self):
        loop = asyncio.get_running_loop()
        self._enough = loop.create_future()
        timer = loop.call_later(GATHER, self._go_on)
        try:
            await self._enough
        finally:
            timer.cancel()
            self._enough = None

    def _go_on(self):
        if not self._enough.done():
            self._enough.set_result(None)

    async def _commit_batch(self, batch):
        try:
            results = await self._database.write(
                self._function, self._room_id, [item for item, _ in batch]
            )
        except Exception as error:
            if not isinstance(error, Unavailable):
                logger.exception("%s failed", self._function.__qualname__)
                error = NotSaved(type(error).__name__)
                waiting = batch
            else:  # those behind have waited as long, and would wait for the same again
                waiting, self._waiting = batch + self._waiting, []
            _fail(waiting, error)
        else:
            failpoints.reach("committed")
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
            try:
                self._telling = self._committed(self._room_id, results)
            except Exception:  # it is saved all the same, and others wait for the next batch
                logger.exception("What was saved could not be shown")


class GroupRead:
    """Gathers what is asked while a query runs into the next one.

    `function(keys)` looks at most `most` keys up at once and returns {key: result}. An answer is
    never older than its question. What cannot be read is told to all who wait.
    """

    def __init__(self, database, function, most):
        self._database = database
        self._function = function
        self._most = most
        self._waiting = []
        self._running = None

    async def ask(self, key):
        """What is found for a key, or None. Raises what the function raises."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((key, future))
        if self._running is None:
            self._running = asyncio.create_task(self._read())
        return await future

    async def _read(self):
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                try:
                    keys = list({key for key, _ in batch})
                    found = await self._database.read(self._function, keys)
                except Exception as error:
                    waiting, self._waiting = batch + self._waiting, []
                    _fail(waiting, error)
                else:
                    for key, future in batch:
                        if not future.done():
                            future.set_result(found.get(key))
        finally:
            self._running = None


def _fail(waiting, error):
    for _, future in waiting:
        if not future.done():
            future.set_exception(error)
