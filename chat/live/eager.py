"""Runs a coroutine at once, and makes a task of it only where it has to wait.

Most sends do not wait. A task for each receiver and batch costs about as much as the send itself.
Python 3.12 has this as `eager_start`; this module goes when 3.11 does.
"""

import asyncio
import types


def start(coroutine):
    """Run a coroutine up to where it waits. Returns the task that goes on, or None when done.

    Raises what the coroutine raises before it first waits.
    """
    try:
        awaited = coroutine.send(None)
    except StopIteration:
        return None
    return asyncio.ensure_future(_go_on(coroutine, awaited))


async def _go_on(coroutine, awaited):
    return await _drive(coroutine, awaited)


@types.coroutine
def _drive(coroutine, awaited):
    while True:
        try:
            value = yield awaited
        except BaseException as error:
            step, argument = coroutine.throw, error
        else:
            step, argument = coroutine.send, value
        try:
            awaited = step(argument)
        except StopIteration as done:
            return done.value
