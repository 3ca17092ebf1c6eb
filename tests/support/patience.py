"""More time for the parts of the site that run in the process of the tests.

A machine that runs many tests at once may stop a process, a thread or a database for ten seconds at
any moment. Nothing of the site may end for that reason while a test does not look at such a time.
Tests that do set it themselves. Servers in processes of their own have `settings_of_servers.py`.
"""

import re

from chat.accounts import redis_counters
from chat.live import database, timing
from chat.search import time_limit

LONG = 60  # seconds; less than a test may take in all
FOR_EVER = 3600  # seconds


def give_time() -> None:
    """Let the live layer, the search and the counters wait longer for others."""
    timing.ANSWER_WITHIN = timing.LOOK_WITHIN = timing.DRAIN_WITHIN = LONG
    timing.DEAD = timing.GRACE = timing.BLOCKED_TOO_LONG = FOR_EVER
    timing.LOOK_STALE = timing.STUCK = FOR_EVER
    database.CLOSE_WITHIN = LONG
    time_limit.LONGEST = redis_counters.REDIS_TIMEOUT = LONG


def give_database_time(settings: dict) -> None:
    """Let statements wait longer for locks and answers, by the settings of the test database."""
    options = settings["OPTIONS"]
    if settings["ENGINE"].endswith("sqlite3"):
        options["timeout"] = LONG
        return
    options["connect_timeout"] = LONG
    options["tcp_user_timeout"] = LONG * 1000
    options["options"] = re.sub(r"timeout=\d+s", f"timeout={LONG}s", options["options"])
    if options.get("pool"):
        options["pool"] = {**options["pool"], "timeout": LONG}
