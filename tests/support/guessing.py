"""For tests that guess passwords: guesses are counted within a time that begins by the clock."""

import time

from chat.accounts.throttling import ATTEMPT_WINDOW
from tests.support.waiting import wait_until


def begin_to_guess(seconds):
    """Wait until at least so many seconds are left before guesses are counted anew."""
    until = ATTEMPT_WINDOW - seconds
    wait_until(lambda: time.time() % ATTEMPT_WINDOW < until, "time stands still", seconds + 5)
