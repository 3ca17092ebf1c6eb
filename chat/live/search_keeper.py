"""Keeps the index of the search near the ends of the logs, and out of the way of what is said."""

import asyncio
import math
import time

from django.db import connection

from chat.live import search_pace, timing
from chat.live.database import Database
from chat.search import keeping


class SearchKeeper:
    """Indexes new lines soon after they were saved, and logs that are not indexed yet.

    Every process does it; a room that another one is at work on is skipped. Steps are short, and
    between them are pauses while this process writes what its members do, see `search_pace`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rung = True
        self._looked_at = -math.inf  # by the monotonic clock
        self._limit = search_pace.LEAST_STEP

    def notice(self) -> None:
        """Let the next call of `keep` look at the logs: a room has changed."""
        self._rung = True

    async def keep(self) -> None:
        """Index what is not in the index yet. Raises `Unavailable`."""
        now = time.monotonic()
        if not self._rung:
            if now - self._looked_at < timing.POLL:
                return
            self._looked_at = now
            if not await self._database.read(keeping.lagging):
                return
        self._rung = False
        while await self._step():
            pass

    async def _step(self):
        """Index a few messages, and let others have their turn. Returns whether more are left."""
        others = self._database.writing
        busy = others.seconds
        done, took = await self._database.write_aside(_timed_step, self._limit)
        if done.messages:
            self._limit = search_pace.next_limit(done.messages, took, connection.vendor)
        if others.seconds > busy:
            await self._pause(search_pace.owed(took, connection.vendor))
        elif done.more:
            await asyncio.sleep(0)
        return done.more

    async def _pause(self, owed):
        """Wait until so many seconds are earned."""
        others = self._database.writing
        while owed > 0:
            start, busy = time.monotonic(), others.seconds
            await asyncio.sleep(search_pace.LOOK)
            elapsed = time.monotonic() - start
            owed -= search_pace.earned(elapsed, others.seconds - busy)


def _timed_step(limit: int) -> tuple[keeping.Step, float]:
    """Make a step, and return also the seconds that it took.

    These include waiting for the database, but not for the thread.
    """
    start = time.monotonic()
    return keeping.step(limit), time.monotonic() - start
