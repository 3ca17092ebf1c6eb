"""Moments at which a test may kill this process. Off, unless CHATSITE_FAILPOINT says otherwise.

`CHATSITE_FAILPOINT=NAME=PATH` ends the process at the point NAME, without a chance to clean up,
as soon as there is a file PATH. Only tests/faults/ sets it.
"""

import os
import signal
from pathlib import Path

CHOSEN, _, TRIGGER = os.environ.get("CHATSITE_FAILPOINT", "").partition("=")


def reach(name):
    """Die here, if a test wants it."""
    if name == CHOSEN and Path(TRIGGER).exists():
        os.kill(os.getpid(), signal.SIGKILL)
