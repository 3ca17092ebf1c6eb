"""Tells people who are connected to this process what waits for them: see room/personal_notices."""

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from chat.live import shared_task
from chat.live.database import Database, Unavailable
from chat.room import personal_notices

if TYPE_CHECKING:
    from chat.live.member import Member

logger = logging.getLogger(__name__)

AT_ONCE = 500  # connections, in one query


class PersonalNotices:
    """Reads the notices of many members at once: when they have entered, and after a ring."""

    def __init__(self, database: Database, members: Mapping[int, "Member"]) -> None:
        self._database = database
        self._members = members
        self._due: dict[int, None] = {}  # connections, in their order
        self._running: asyncio.Task[None] | None = None

    def hear(self, connection_id: int) -> None:
        """Look soon for notices for the person of a connection, if it is one of ours.

        One that has no listener yet is looked at when its client is welcomed.
        """
        member = self._members.get(connection_id)
        if member is not None and member.rooms.listener is not None:
            self._due[connection_id] = None
            if self._running is None:
                self._running = shared_task.start(self._tell_due())

    @property
    def is_busy(self) -> bool:
        """Whether notices are being looked for."""
        return self._running is not None

    async def _tell_due(self):
        try:
            while self._due:
                batch = list(self._due)[:AT_ONCE]
                for connection_id in batch:
                    del self._due[connection_id]
                await self._tell(batch)
        except Unavailable:
            self._due.clear()  # they are told when they connect again
        except Exception:
            logger.exception("People could not be told their notices")
        finally:
            self._running = None

    async def _tell(self, batch):
        if not await self._database.read(personal_notices.waiting, batch):
            return  # as nearly always, and nothing is written
        taken = await self._database.write(personal_notices.take, batch)
        for connection_id, notices in taken.items():
            member = self._members.get(connection_id)
            if member is not None and not member.ended and member.rooms.listener is not None:
                for about in notices:
                    member.rooms.listener.told(about)
