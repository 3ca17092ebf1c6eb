"""Tasks that work for many connections."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeVar

Result = TypeVar("Result")


def start(coroutine: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
    """Start a task without the context of the connection that happens to need it first.

    Otherwise the log would show the id and the address of that connection for all its errors.
    """
    return asyncio.get_running_loop().create_task(coroutine, context=Context())
