"""Waiting for something that clients in this event loop will see."""

import asyncio
import time

from tests.support.waiting import PATIENCE

POLL = 0.02  # seconds between two checks; nothing announces the change


async def until(condition, complaint, patience=PATIENCE):
    """Wait until `condition()` is true, and return its result.

    Fails with `complaint`, a text or a function that makes it, after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(complaint() if callable(complaint) else complaint)
        await asyncio.sleep(POLL)
    return result


async def until_time(moment):
    """Wait until the monotonic clock shows a time: the length of a fault is part of a scenario."""
    await asyncio.sleep(max(0, moment - time.monotonic()))
