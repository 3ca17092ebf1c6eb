"""Points at which a test can kill this process. Only `tests/faults` uses them.

With the environment variable `CHATSITE_FAILPOINT=NAME=PATH` the process kills itself at the point
NAME, without cleaning up, as soon as the file PATH exists.
"""

import os
import signal
from pathlib import Path

CHOSEN, _, TRIGGER = os.environ.get("CHATSITE_FAILPOINT", "").partition("=")


def reach(name: str) -> None:
    """Kill this process if a test has chosen this point."""
    if name == CHOSEN and Path(TRIGGER).exists():
        os.kill(os.getpid(), signal.SIGKILL)
