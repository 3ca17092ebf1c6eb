"""The number of open sockets of this process, and its limit."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from chat.live import host


class OpenSockets:
    """Counts open sockets against the descriptors that the system allows."""

    def __init__(self) -> None:
        self.capacity = host.available_descriptors()
        self._count = 0
        self._all_closed: asyncio.Future[None] | None = None

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Count one more socket. Yields False when the process has no place for it."""
        self._count += 1
        try:
            yield self._count <= self.capacity
        finally:
            self._count -= 1
            if self._all_closed is not None and not self._count and not self._all_closed.done():
                self._all_closed.set_result(None)

    async def wait_closed(self, seconds: float) -> None:
        """Wait until all sockets are closed, but not longer than some seconds."""
        if self._count:
            self._all_closed = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._all_closed], timeout=seconds)
