"""Waiting for conditions instead of sleeping."""

import asyncio
import time

# Seconds for what a healthy process does in one or two. Beside other tests each process may get no
# processor for ten seconds, and several of them one after the other.
PATIENCE = 60


def wait_until(condition, complaint, patience=PATIENCE):
    """Wait until `condition()` is true; fail after `patience` seconds.

    `complaint` is the text of the failure, or a function that returns it.
    """
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(complaint() if callable(complaint) else complaint)
        time.sleep(0.02)  # the time until the next check; nothing announces the change


async def let_others_run():
    """Let the other tasks of the event loop run until they wait."""
    for _ in range(20):
        await asyncio.sleep(0)
