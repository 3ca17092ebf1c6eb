"""The site's settings, in a process whose wall clock is wrong (scenario F10).

The file FAULTY_CLOCK holds by how many seconds. Only the wall clock moves: the monotonic one has
no date.
"""

import os
import time
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from chatsite.settings import *  # noqa: F403

OFFSET = Path(os.environ["FAULTY_CLOCK"])

_time, _now = time.time, timezone.now


def offset():
    return float(OFFSET.read_text() or 0)


time.time = lambda: _time() + offset()
timezone.now = lambda: _now() + timedelta(seconds=offset())
