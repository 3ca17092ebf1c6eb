"""Runs a coroutine at once, and makes a task of it only if it has to wait.

Most sends do not wait, and a task for each receiver costs about as much as the send itself. Python
3.12 has this as `asyncio.eager_task_factory`; this module goes when Python 3.11 goes.
"""

import asyncio
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")


def start(coroutine: Coroutine[Any, Any, Result]) -> asyncio.Task[Result] | None:
    """Run a coroutine up to its first wait. Returns the task for the rest, or None when done.

    Raises what the coroutine raises before it first waits.
    """
    try:
        awaited = coroutine.send(None)
    except StopIteration:
        return None
    return asyncio.get_running_loop().create_task(_continue(coroutine, awaited))


async def _continue(coroutine: Coroutine[Any, Any, Result], awaited: Any) -> Result:
    return await _drive(coroutine, awaited)


@types.coroutine
def _drive(coroutine: Coroutine[Any, Any, Result], awaited: Any) -> Generator[Any, Any, Result]:
    step: Callable[[Any], Any]
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
