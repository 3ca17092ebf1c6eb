"""Receives the events of a text client, and looks at what comes next before its turn."""

import asyncio

from chat.consumers.base import Receive
from chat.wire.interface import Event
from chat.wire.logout_finder import LogoutFinder

MAX_AHEAD = 64 * 1024  # bytes that are kept, before those of the last event


class ReadAhead:
    """Returns the events of `receive` in their order. Data that was looked at comes in one."""

    __slots__ = ("_data", "_end", "_finder", "_next", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._next: asyncio.Future[Event] | None = None  # that will be looked at
        self._data = bytearray()  # that was looked at
        self._finder = LogoutFinder()  # in this data
        self._end: Event | None = None  # the event after it that has no data

    @property
    def kept_bytes(self) -> int:
        """The size of what was looked at and not returned."""
        return len(self._data)

    async def event(self) -> Event:
        """Wait for the next event and return it."""
        if self._data:
            data, self._data, self._finder = bytes(self._data), bytearray(), LogoutFinder()
            return {"type": "tcp.receive", "data": data}
        if self._end is not None:
            return self._end
        if self._next is None:
            return await self._receive()
        event = await self._next
        self._next = None
        return event

    def look(self) -> bool:
        """Return whether the client has left or sent `logout`. Each call looks for one event."""
        if self._next is not None and self._next.done():
            self._keep(self._next.result())
            self._next = None
        if self._next is None and self._end is None and len(self._data) < MAX_AHEAD:
            self._next = asyncio.ensure_future(self._receive())
        return self._finder.found or self._end is not None

    def _keep(self, event):
        if event["type"] == "tcp.receive":
            self._data += event["data"]
            self._finder.feed(event["data"])
        else:
            self._end = event

    def stop(self) -> None:
        """Receive nothing more."""
        if self._next is not None:
            self._next.cancel()
