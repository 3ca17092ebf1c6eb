"""Outages of what the site needs, such as the database, and the log lines about them.

An outage is logged twice: when it begins, with the cause, and when it is over. Failures that follow
from it meanwhile need not be logged.
"""

import logging
import time

from chatsite.logs.causes import describe

logger = logging.getLogger(__name__)


class Outage:
    """Knows whether something is away, and logs when that changes.

    `begins` and `ends` are sentences for the log, without a full stop.
    """

    def __init__(self, begins: str, ends: str) -> None:
        self.away = False
        self._begins, self._ends = begins, ends
        self._since = 0.0

    def begin(self, cause: BaseException) -> None:
        """Note that it is away, if that is not known yet."""
        if not self.away:
            self.away, self._since = True, time.monotonic()
            logger.warning("%s: %s", self._begins, describe(cause))

    def end(self) -> None:
        """Note that it is there, if it was away."""
        if self.away:
            self.away = False
            logger.warning("%s after %.0f s", self._ends, time.monotonic() - self._since)
