"""A delay for answers that refuse an attempt because of a limit.

Such an answer costs a client nothing, so a program would repeat its attempt at once, and keep the
server busy with refusals.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

Application = Callable[..., Awaitable[None]]  # an ASGI application

DELAY = 2  # seconds


class RefusalDelay:
    """Delays the answers of an application that have the status 429.

    It stands around the queue of the pages. A delayed answer is complete, so it keeps no place in
    the queue, no thread and no connection to the database.
    """

    def __init__(self, application: Application, delay: float = DELAY) -> None:
        self.application = application
        self.delay = delay

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        held: list[Any] = []

        async def send_or_hold(message):
            if held or message.get("status") == HTTPStatus.TOO_MANY_REQUESTS:
                held.append(message)
            else:
                await send(message)

        await self.application(scope, receive, send_or_hold)
        if held:
            await asyncio.sleep(self.delay)
            for message in held:
                await send(message)
