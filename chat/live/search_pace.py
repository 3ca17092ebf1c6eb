"""How large the steps are that keep the index of the search, and how long the pauses after them.

While as much is said as the database can save, the steps have a hundredth of the time, and the
index falls behind. The more of the time saving leaves, the more of it they have. While nothing is
saved, they need no pauses.
"""

from chat.search import keeping

LEAST_STEP = 20  # messages
# Seconds that a step should take. On SQLite messages wait for it. On PostgreSQL they do not, and
# large steps take less time for each message.
STEP_SECONDS = {"sqlite": 0.02, "postgresql": 0.04}
MOST_PAID_BACK = 5  # times these seconds, also for a step that took longer
LOOK = 0.05  # seconds between two looks at how much was saved, in a pause
LEAST = 0.01  # seconds of steps for each second of pauses
MOST = 1.0  # of the same
# Saving as much as possible takes 0.85 of the time or more: with few speakers, each batch waits
# until they have seen the last one. A thousand messages a second take a quarter to a half of it.
FULLY_BUSY = 0.75


def next_limit(messages: int, took: float, vendor: str) -> int:
    """Return the messages of the next step, after one of so many that took so many seconds."""
    enough = int(messages * STEP_SECONDS[vendor] / took)
    return min(max(enough, LEAST_STEP), keeping.MAX_STEP)


def owed(took: float, vendor: str) -> float:
    """Return the seconds that must be earned after a step that took some seconds.

    A step may take seconds, when it waits for the lock of another process or for a slow disk. The
    index must not stand still for minutes after it.
    """
    return min(took, MOST_PAID_BACK * STEP_SECONDS[vendor])


def earned(elapsed: float, busy: float) -> float:
    """Return the seconds that steps may take after some seconds of a pause.

    In the `busy` ones of these, something was being saved.
    """
    left = max(0, elapsed - busy / FULLY_BUSY)
    return LEAST * elapsed + (MOST - LEAST) * left
