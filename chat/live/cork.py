"""Joins what a connection is sent for several rooms into one write.

One transaction may save messages of many rooms, and a connection may follow several of them. Each
write is a system call, which takes longer than everything else that a delivery needs.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from chat.live.outlet import Outlet

logger = logging.getLogger(__name__)


class Cork:
    """Holds back what connections are sent.

    While the cork is in place, followers leave their batches in `Outlet.held`, and note the outlet
    in `outlets`. Otherwise they write the batches themselves. The cursor of a follower moves when
    its batch is written.
    """

    __slots__ = ("is_in_place", "outlets")

    def __init__(self) -> None:
        self.is_in_place = False
        self.outlets: list[Outlet] = []  # those that hold something back

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Hold back what is sent in a block that does not wait, and write it at its end."""
        self.is_in_place = True
        try:
            yield
        finally:
            self.flush()
            self.is_in_place = False

    def flush(self) -> None:
        """Write all that is held back, and what follows it in the logs."""
        was_in_place, self.is_in_place = self.is_in_place, False
        outlets, self.outlets = self.outlets, []
        for outlet in outlets:
            try:
                outlet.release()
            except Exception:
                logger.exception("A connection ended by an error while it was sent lines")
                outlet.on_error()
        self.is_in_place = was_in_place


cork = Cork()  # of all connections of this process
