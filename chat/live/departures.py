"""Deletes the rows of connections, at once or after a grace period, and retries until it works."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from chat.live import timing
from chat.live.database import Unavailable
from chat.live.rooms import Rooms
from chat.room import presence


class Departures:
    """The connections of this process that have ended, and whose rows are still to be deleted."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._stopped = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._losing: set[int] = set()  # broken connections that are not marked as lost yet
        self._in_grace: set[int] = set()  # lost connections that a timer will end
        # function -> connections that could not be ended, for the next attempt
        self._failed: dict[Any, set[int]] = {}

    def stop(self) -> None:
        """Start no more departures of lost members: they keep their places over a restart."""
        self._stopped = True

    async def leave(self, connection_id: int) -> None:
        """End a connection whose member wants to leave, also if the caller is cancelled."""
        await asyncio.shield(self._keep(self._end(presence.leave, connection_id)))

    async def end(self, connection_id: int) -> None:
        """End a connection and no other: the places of lost ones of the same person are kept."""
        await asyncio.shield(self._keep(self._end(presence.expire, connection_id)))

    async def linger(self, connection_id: int) -> None:
        """Mark a connection as lost, and end it after the grace period.

        A reload looks like a closed tab at first. A member who returns in time was never announced
        as gone.
        """
        if not self._stopped:
            self.expire_later(connection_id, timing.GRACE)
            await asyncio.shield(self._keep(self._lose(connection_id)))

    def expire_later(self, connection_id: int, seconds: float) -> None:
        """End a lost connection after some seconds, unless it was deleted by then."""
        self._in_grace.add(connection_id)
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, self.expire_soon, connection_id)

    def expire_soon(self, connection_id: int) -> None:
        """End a connection without a member, without waiting for it."""
        self._in_grace.discard(connection_id)
        if not self._stopped:
            self._keep(self._end(presence.expire, connection_id))

    def is_losing(self, connection_id: int) -> bool:
        """Return whether a broken connection is being marked as lost."""
        return connection_id in self._losing

    def is_expected(self, connection_id: int) -> bool:
        """Return whether a lost connection will be ended by this process."""
        return connection_id in self._in_grace or connection_id in self._losing

    async def retry(self) -> None:
        """Try again to end what could not be ended before."""
        failed, self._failed = self._failed, {}
        await asyncio.gather(
            *(
                self._keep(self._end(function, connection_id))
                for function, connection_ids in failed.items()
                for connection_id in connection_ids
            )
        )

    async def _end(self, function, connection_id):
        try:
            await self._rooms.commit(function).submit(connection_id)
        except Unavailable:
            self._failed.setdefault(function, set()).add(connection_id)

    async def _lose(self, connection_id):
        self._losing.add(connection_id)
        try:
            while True:
                with suppress(Unavailable):
                    await self._rooms.commit(presence.lose).submit(connection_id)
                    return
                await asyncio.sleep(timing.POLL)
        finally:
            self._losing.discard(connection_id)

    def _keep(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Return a task that goes on when its caller is cancelled.

        The event loop itself keeps no reference to a task.
        """
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
