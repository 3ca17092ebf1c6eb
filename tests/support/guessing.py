"""For tests that guess passwords: guesses are counted within a time that begins by the clock."""

import time

from chat.accounts import GUESSING_WINDOW
from tests.support.waiting import wait_until


def begin_to_guess(seconds):
    """Wait until at least so many seconds are left before guesses are counted anew."""
    until = GUESSING_WINDOW - seconds
    wait_until(lambda: time.time() % GUESSING_WINDOW < until, "time stands still", seconds + 5)
