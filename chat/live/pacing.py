"""Regular looks at the database that must not keep it busy."""

import math
import time
from collections.abc import Awaitable, Callable

PAUSE = 20  # times as long as a look took, until the next one
LONGEST_PAUSE = 10  # seconds


class Pacing:
    """Leaves out looks until some time has passed that is longer than the last look took."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due = -math.inf  # when to look again

    async def run(self, look: Callable[[], Awaitable[None]]) -> None:
        """Look, unless it is too early. Raises what the look raises."""
        begun = self._clock()
        if begun < self._due:
            return
        try:
            await look()
        finally:  # a look that takes too long fails, and may keep its thread
            ended = self._clock()
            self._due = ended + min(PAUSE * (ended - begun), LONGEST_PAUSE)
