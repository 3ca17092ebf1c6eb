"""Receives the events of a connection, and looks at the next ones before their turn."""

import asyncio
from collections import deque
from collections.abc import Sequence

from chat.consumers.base import Receive
from chat.wire.interface import Event

MAX_AHEAD = 4  # events that are kept


class ReadAhead:
    """Returns the events of `receive` in their order. At most `MAX_AHEAD` of them are kept."""

    __slots__ = ("_kept", "_next", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: deque[Event] = deque()
        self._next: asyncio.Future[Event] | None = None  # the event after those that are kept

    async def event(self) -> Event:
        """Wait for the next event and return it."""
        if self._kept:
            return self._kept.popleft()
        if self._next is None:
            return await self._receive()
        event = await self._next
        self._next = None
        return event

    def peek(self) -> Sequence[Event]:
        """Return the next events that have come; `event` returns them again.

        Each call looks for one more.
        """
        if self._next is not None and self._next.done():
            self._kept.append(self._next.result())
            self._next = None
        if self._next is None and len(self._kept) < MAX_AHEAD:
            self._next = asyncio.ensure_future(self._receive())
        return self._kept

    def stop(self) -> None:
        """Receive nothing more."""
        if self._next is not None:
            self._next.cancel()
