"""A bound on the memory of input that waits in the process.

Input waits while it is incomplete, such as half a message, and until it is handled. Lines of the
legacy port that are not handled yet have a bound of their own, in `chat.servers.receiving`.
"""

import logging
from typing import Protocol

from django.conf import settings

logger = logging.getLogger(__name__)


class Holder(Protocol):
    """A connection with pending input."""

    def cut_off(self) -> None:
        """Cut the connection at once."""


class PendingInput:
    """Counts the bytes that all connections of the process hold, and cuts off the largest holder.

    A client may take its time for a message. When all clients together have more than `limit`
    bytes, the connection with the most is cut off: a usual message is short, and its sender can
    send it again.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.total = 0
        self._sizes: dict[Holder, int] = {}

    def note(self, holder: Holder, size: int) -> None:
        """Note how many bytes of a connection are pending now."""
        self._set(holder, size)
        while self.total > self.limit:
            largest = max(self._sizes, key=self._sizes.__getitem__)
            logger.warning(
                "A connection with %d KB of pending input was cut off: all clients together had "
                "more than %d MB (MAX_PENDING_INPUT)",
                self._sizes[largest] >> 10,
                self.limit >> 20,
            )
            self._set(largest, 0)
            largest.cut_off()

    def _set(self, holder, size):
        self.total += size - self._sizes.pop(holder, 0)
        if size:
            self._sizes[holder] = size


pending_input = PendingInput(settings.MAX_PENDING_INPUT << 20)
