"""Saves the items of many connections in one transaction."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.db import OperationalError

from chat.live import failpoints, shared_task
from chat.live.database import Database, Unavailable
from chat.models.unavailable import OutcomeUnknown
from chat.room import changes
from chat.room.transcript import Postponed

logger = logging.getLogger(__name__)

BATCH = 500  # items in one transaction, at most
GATHER_PAUSE = 0.003  # seconds of one wait for more items
GATHER_PAUSES = 5  # waits for more items, at most
SHOWN_WITHIN = 0.03  # seconds that a batch waits until the previous one has been shown


class NotSaved(OperationalError):
    """A batch was not saved because of an error of ours, which is logged."""


class GroupCommit:
    """Gathers the items that arrive while a transaction runs into the next transaction.

    `function(items)` saves many items and returns a result, a `Refused` or a `Postponed` for each.
    The item of a `Postponed` goes into the next transaction. `on_commit(items, results, room_ids)`
    is called after each transaction with the rooms that it has changed; it may return tasks that
    end when the lines are shown here. The queue needs no bound of its own, because a connection has
    one item in it at most.

    In a busy room people answer what they have just received, so their messages arrive nearly at
    the same time. If a transaction began with the first of them, the others would need another one,
    and all lines would be sent in twice as many batches. So a transaction first waits, for a few
    milliseconds, until as many items are there as last time. The wait begins when the previous
    batch has been shown, which takes longer when lines of other processes have to be read first.
    """

    def __init__(
        self,
        database: Database,
        function: Callable[[Sequence[Any]], list[Any]],
        on_commit: Callable[[Sequence[Any], list[Any], set[int]], list[asyncio.Task[None]]],
    ) -> None:
        self._database = database
        self._function = function
        self._on_commit = on_commit
        self._waiting: list[tuple[Any, asyncio.Future[Any]]] = []
        self._expected = 1  # items
        self._enough: asyncio.Future[None] | None = None  # set when that many wait
        self._showing: list[asyncio.Task[None]] = []  # returned by `on_commit`
        self.running: asyncio.Task[None] | None = None

    async def submit(self, item: Any) -> Any:
        """Return the committed result of one item.

        Raises `Unavailable` when it was not saved, and of these `OutcomeUnknown` when it may have
        been.
        """
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self.running is None:
            self.running = shared_task.start(self._commit())
        elif self._enough is not None and len(self._waiting) >= self._expected:
            self.stop_gathering()
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
        """Wait for as many items as last time, as long as more keep coming."""
        if len(self._waiting) < self._expected and self._showing:
            await asyncio.wait(self._showing, timeout=SHOWN_WITHIN)
        self._showing = []
        for _ in range(GATHER_PAUSES):
            count = len(self._waiting)
            if count >= self._expected:
                break
            await self._wait_for_more()
            if len(self._waiting) == count:
                break

    async def _wait_for_more(self):
        loop = asyncio.get_running_loop()
        self._enough = loop.create_future()
        timer = loop.call_later(GATHER_PAUSE, self.stop_gathering)
        try:
            await self._enough
        finally:
            timer.cancel()
            self._enough = None

    def stop_gathering(self) -> None:
        """Wait no longer for more items. The timer calls this, and `submit` when enough wait."""
        if self._enough is not None and not self._enough.done():
            self._enough.set_result(None)

    async def _commit_batch(self, batch):
        items = [item for item, _ in batch]
        try:
            results, room_ids = await self._database.write(changes.collect, self._function, items)
        except Exception as error:
            self._fail(batch, error)
            return
        failpoints.reach("committed")
        for (_, future), result in zip(batch, results, strict=True):
            if isinstance(result, Postponed):
                self._waiting.append((result.item, future))
            elif not future.done():
                future.set_result(result)
        try:
            self._showing = self._on_commit(items, results, room_ids)
        except Exception:  # the batch is saved all the same, and later batches must go on
            logger.exception("A saved batch could not be shown")

    def _fail(self, batch, error):
        if isinstance(error, Unavailable):
            # The items in the queue have waited as long, and would wait for the same timeout again.
            waiting, self._waiting = self._waiting, []
            is_unknown = isinstance(error, OutcomeUnknown)  # for the batch alone
            _fail_each(waiting, OperationalError(str(error)) if is_unknown else error)
        else:
            logger.exception("%s failed", self._function.__qualname__)
            error = NotSaved(type(error).__name__)
        _fail_each(batch, error)


def _fail_each(items, error):
    for _, future in items:
        if not future.done():
            future.set_exception(error)
