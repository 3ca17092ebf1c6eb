"""Keeps the index of the search near the ends of the logs, and out of the way of what is said."""

import asyncio
import math
import time

from chat.live import timing
from chat.live.database import Database
from chat.search import keeping

STEP_SECONDS = 0.02  # that a step should take, since messages on SQLite wait for it
LEAST_STEP = 20  # messages
# While members speak, the steps have this part of the time.
PART = 1 / 40


class SearchKeeper:
    """Indexes new lines soon after they were saved, and logs that are not indexed yet.

    Every process does it; a room that another one is at work on is skipped. Steps are short, and as
    long as something else is written there are pauses between them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rung = True
        self._looked_at = -math.inf  # by the monotonic clock
        self._limit = LEAST_STEP

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
        database = self._database
        writes = database.writes
        done, took = await database.write_aside(_timed_step, self._limit)
        if done.messages:
            enough = int(done.messages * STEP_SECONDS / took)
            self._limit = min(max(enough, LEAST_STEP), keeping.MAX_STEP)
        if done.more:
            is_quiet = database.writes == writes
            await asyncio.sleep(0 if is_quiet else took * (1 / PART - 1))
        return done.more


def _timed_step(limit: int) -> tuple[keeping.Step, float]:
    """Make a step, and return also the seconds that it took, without those that it waited."""
    start = time.monotonic()
    return keeping.step(limit), time.monotonic() - start
