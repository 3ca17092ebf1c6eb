"""The health of this process. It is looked at in the background, so an answer needs no database."""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable

from django.db import Error

from chat.live import timing
from chat.live.database import Database
from chat.live.outages import Outage
from chat.live.rooms import Rooms
from chat.models import Room
from chat.room import log


class Health:
    """Looks regularly whether the database answers, messages can be saved, and the bus works.

    Nothing is written while all is well. After a write that failed, a line is saved and taken back
    in one transaction until that works, so that the site recovers also when nobody speaks.
    """

    def __init__(self, database: Database, rooms: Rooms) -> None:
        self._database = database
        self._rooms = rooms
        self._reading = Outage("The database does not answer", "The database answers again")
        self._loop = asyncio.get_running_loop()
        started = self._loop.time()  # by reading and writing the database
        self._looked_at = {"database": started, "saving": started, "bus": -math.inf}

    @property
    def looks(self) -> list[Callable[[], Awaitable[None]]]:
        """The functions to call regularly, each by itself: one that waits delays no other."""
        return [self.look_at_database, self.look_at_saving, self.look_at_bus]

    async def look_at_database(self) -> None:
        """Ask the database something."""
        try:
            async with asyncio.timeout(timing.LOOK_WITHIN):
                await self._database.read(Room.objects.exists)
        except Exception as error:
            self._reading.begin(error)
        else:
            self._reading.end()
        self._looked_at["database"] = self._loop.time()

    async def look_at_saving(self) -> None:
        """After a failed write, try whether a message could be saved now."""
        if self._database.saving.away:
            with contextlib.suppress(Error):
                await self._database.write(log.try_saving, self._rooms.lobby.pk)
        self._looked_at["saving"] = self._loop.time()

    async def look_at_bus(self) -> None:
        """Look whether the bus carries messages."""
        await self._rooms.doorbell.look()
        self._looked_at["bus"] = self._loop.time()

    def problems(self) -> dict[str, str]:
        """Return {part: what is wrong with it}, without anything that strangers should not read."""
        problems = {
            part: "it has not been looked at for a while"
            for part, looked_at in self._looked_at.items()
            if self._loop.time() - looked_at > timing.LOOK_STALE
        }
        if self._reading.away:
            problems["database"] = "it does not answer"
        if self._database.saving.away:
            problems["saving"] = "the last message could not be saved"
        if self._rooms.doorbell.is_away:
            problems["bus"] = "Redis does not answer"
        return problems

    @property
    def database_is_away(self) -> bool:
        """Whether the database does not answer or nothing can be saved, which the log says."""
        return self._reading.away or self._database.saving.away

    def is_stuck(self) -> bool:
        """Return whether the looks have ended, so that this process should be replaced."""
        return self._loop.time() - max(self._looked_at.values()) > timing.STUCK
