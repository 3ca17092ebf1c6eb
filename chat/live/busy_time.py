"""How long something has been under way."""

import time
from collections.abc import Callable


class BusyTime:
    """Counts the seconds in which at least one of its `with` blocks runs, in one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._running = 0
        self._since = 0.0  # when the first of those that run began
        self._before = 0.0  # seconds of those that have ended

    @property
    def seconds(self) -> float:
        """All seconds until now."""
        return self._before + (self._clock() - self._since if self._running else 0)

    def __enter__(self) -> None:
        if not self._running:
            self._since = self._clock()
        self._running += 1

    def __exit__(self, *exc_info: object) -> None:
        if self._running == 1:
            self._before = self.seconds
        self._running -= 1
