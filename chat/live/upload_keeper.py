"""Deletes files whose time has come: unused ones, and those of messages that were removed."""

import asyncio
import math
import time

from chat.files import storage
from chat.live import timing
from chat.live.database import Database
from chat.live.outages import Outage
from chat.room import uploads

LOOK_AT_LOGS = 3600  # seconds between looks for files whose lines were deleted


class UploadKeeper:
    """The regular job about files. Each process does it, and they do not disturb each other."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_at_logs = -math.inf  # by the monotonic clock
        self.storing = Outage("Files cannot be stored", "Files can be stored again")

    async def delete(self) -> None:
        """Delete what is due, a few files at a time."""
        if time.monotonic() - self._looked_at_logs >= LOOK_AT_LOGS:
            await self._database.write_in_background(uploads.expire_without_line)
            self._looked_at_logs = time.monotonic()
        while await self._database.write_in_background(uploads.delete_expired):
            await asyncio.sleep(timing.POLL)

    async def look_at_storage(self) -> None:
        """Look whether files could be stored, as far as that is known without trying."""
        if problem := await asyncio.to_thread(storage.problem):
            self.storing.begin(OSError(problem))
        else:
            self.storing.end()
