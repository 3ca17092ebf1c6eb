"""Help for tests that try wrong passwords, which are counted in windows that follow the clock."""

import time

from chat.accounts.throttling import WRONG_FOR_ACCOUNT_FROM_ADDRESS
from tests.support.waiting import wait_until


def begin_to_guess(seconds):
    """Wait until at least `seconds` are left before the counts of attempts begin again."""
    window = WRONG_FOR_ACCOUNT_FROM_ADDRESS.window
    latest = window - seconds
    wait_until(lambda: time.time() % window < latest, "time stands still", seconds + 5)
