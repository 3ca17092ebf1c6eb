"""The only place where the event loop meets the database: small executors, and group commits.

Django's shared thread is not used: one password hash or one locked write there would stop
everything else in the process. One thread writes, a few read.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, InterfaceError, connection

logger = logging.getLogger("chat.database")

READERS = 4
BATCH = 500  # items that share one transaction at most

Unavailable = (DatabaseError, InterfaceError, OSError)
"""What a call raises when the database is away, full or locked: try again later."""


class Database:
    """Runs synchronous functions of `chat.room` for coroutines of one event loop."""

    def __init__(self):
        self._closed = False
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    async def read(self, function, *args):
        """The result of a function that reads. Raises what it raises."""
        return await self._run(self._readers, function, args)

    async def write(self, function, *args):
        """The result of a function that writes; calls take effect in their order."""
        return await self._run(self._writer, function, args)

    async def _run(self, executor, function, args):
        if self._closed:
            raise InterfaceError("the process stops")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(executor, _call, function, args)

    def close(self):
        """Wait for what is running, and close the threads' connections."""
        self._closed = True
        for executor, threads in ((self._readers, READERS), (self._writer, 1)):
            for _ in range(threads):
                executor.submit(connection.close)
            executor.shutdown()


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
    `Refused`; `committed(room_id)` is called after each transaction. The queue needs no bound of
    its own: a connection has one item in it at most.
    """

    def __init__(self, database, function, room_id, committed):
        self._database = database
        self._function = function
        self._room_id = room_id
        self._committed = committed
        self._waiting = []
        self.running = None

    async def submit(self, item):
        """The result of one item, committed. Raises `Unavailable` when it could not be saved."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self.running is None:
            self.running = asyncio.create_task(self._commit())
        return await future

    async def _commit(self):
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._commit_batch(batch)
        finally:
            self.running = None

    async def _commit_batch(self, batch):
        try:
            results = await self._database.write(
                self._function, self._room_id, [item for item, _ in batch]
            )
        except Exception as error:
            if not isinstance(error, Unavailable):
                logger.exception("%s failed", self._function.__qualname__)
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
        else:
            self._committed(self._room_id)
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
