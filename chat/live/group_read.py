"""Answers the questions of many connections with one query."""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from chat.live import shared_task
from chat.live.database import Database


class GroupRead:
    """Gathers the keys that are asked for while a query runs into the next query.

    `function(keys)` looks up at most `limit` keys at once and returns {key: result}. An answer is
    never older than its question.
    """

    def __init__(
        self, database: Database, function: Callable[[Sequence[Any]], Mapping[Any, Any]], limit: int
    ) -> None:
        self._database = database
        self._function = function
        self._limit = limit
        self._waiting: list[tuple[Hashable, asyncio.Future[Any]]] = []
        self._running: asyncio.Task[None] | None = None

    async def get(self, key: Hashable) -> Any:
        """Return the result for a key, or None. Raises what the function raises."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((key, future))
        if self._running is None:
            self._running = shared_task.start(self._read())
        return await future

    async def _read(self):
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
                await self._read_batch(batch)
        finally:
            self._running = None

    async def _read_batch(self, batch):
        keys = list({key for key, _ in batch})
        try:
            found = await self._database.read(self._function, keys)
        except Exception as error:
            # Later questions would fail in the same way.
            failed, self._waiting = batch + self._waiting, []
            for _, future in failed:
                if not future.done():
                    future.set_exception(error)
            return
        for key, future in batch:
            if not future.done():
                future.set_result(found.get(key))
