"""Help for tests that try wrong passwords, which are counted in windows that follow the clock."""

import time

from chat.accounts.throttling import ATTEMPT_WINDOW
from tests.support.waiting import wait_until


def begin_to_guess(seconds):
    """Wait until at least `seconds` are left before the counts of attempts begin again."""
    latest = ATTEMPT_WINDOW - seconds
    wait_until(lambda: time.time() % ATTEMPT_WINDOW < latest, "time stands still", seconds + 5)
