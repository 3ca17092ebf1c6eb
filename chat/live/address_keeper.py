"""Remembers from which addresses members enter, without making them wait for it."""

import asyncio
from datetime import datetime

from django.utils import timezone

from chat.live import timing
from chat.live.cluster import Cluster
from chat.live.database import Database
from chat.room import seen_addresses
from chat.room.seen_addresses import Sighting

# Names with their addresses that wait for the database; in a flood more of them are not kept.
MAX_WAITING = 20_000
STORED_AT_ONCE = 500  # rows, in one statement


class AddressKeeper:
    """The addresses of members of this process that are not stored yet, and the jobs about them.

    Each process does the jobs, and they do not disturb each other.
    """

    def __init__(self, database: Database, cluster: Cluster) -> None:
        self._database = database
        self._cluster = cluster
        self._waiting: dict[tuple[str, int | None, str], datetime] = {}

    def note(self, name: str, user_id: int | None, address: str) -> None:
        """Remember that somebody is here from an address, if that is known."""
        who = name, user_id, address
        if address and (who in self._waiting or len(self._waiting) < MAX_WAITING):
            self._waiting[who] = timezone.now()

    async def store(self) -> None:
        """Store what was noted. Raises `Unavailable`; then the next call tries again."""
        while self._waiting:
            batch = dict(list(self._waiting.items())[:STORED_AT_ONCE])
            sightings = [Sighting(*who, at) for who, at in batch.items()]
            await self._database.write_aside(seen_addresses.store, sightings)
            for who, at in batch.items():
                if self._waiting.get(who) == at:
                    del self._waiting[who]

    async def look(self) -> None:
        """Note the members who are still here, and delete what is too old, a few rows at a time."""
        for seen in await self._database.read(seen_addresses.present, self._cluster.id):
            self.note(seen.name, seen.user_id, seen.address)
        await self.store()
        while await self._database.write_in_background(seen_addresses.delete_old):
            await asyncio.sleep(timing.POLL)
