"""The site's settings, in a process whose wall clock is wrong (scenario F10).

The file that MOVED_CLOCK names has the seconds by which it is wrong. The monotonic clock is not
moved, because a change of the date does not move it either.
"""

import os
import time
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from chatsite.settings import *  # noqa: F403

OFFSET_FILE = Path(os.environ["MOVED_CLOCK"])

_time, _now = time.time, timezone.now


def offset():
    """Return the seconds to add to the time."""
    return float(OFFSET_FILE.read_text() or 0)


time.time = lambda: _time() + offset()
timezone.now = lambda: _now() + timedelta(seconds=offset())
