"""The base of both consumers: the life of one connection.

Four words describe how a connection ends. `close(reason)` tells the client why, and closes after
what was sent before. `abort()` cuts the connection and drops what the client has not taken.
`log_out()` lets the member leave because they asked for it. `release()` gives up the member's place
after the connection has ended in any way.
"""

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer

from chat.live import process
from chat.live.database import Unavailable
from chat.live.member import CloseReason, Member
from chat.live.members import Stopping
from chat.wire.interface import Event

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[Event]]

COMMANDS_PER_TURN = 20  # of one connection, before other connections have a turn


class MemberConsumer(AsyncConsumer, ABC):
    """Handles the events of one connection, one at a time and in order.

    Channels' own dispatch hops to a thread before each event to close old database connections.
    This class does not: consumers touch the database only through `chat.live.database`.
    """

    def __init__(self) -> None:
        self.member: Member | None = None
        self._closing: asyncio.Task[None] | None = None

    async def __call__(self, scope, receive, send):
        self.scope, self.send = scope, send
        try:
            self.process = await process.current()
            with self.process.sockets.place() as has_place:
                try:
                    await self.serve(receive, has_place)
                except Stopping:
                    await self._close_quietly(CloseReason.RESTART)
        except Unavailable as error:
            logger.warning(
                "A connection ended because the database is away: %s", type(error).__name__
            )
            await self._close_quietly(CloseReason.ERROR)
        except OSError:
            pass  # the client went away while it was sent something
        except Exception:
            logger.exception("A connection ended by an error in its handler")
            await self._close_quietly(CloseReason.ERROR)
        finally:
            if self.member is not None:
                await self.release()

    @abstractmethod
    async def serve(self, receive: Receive, has_place: bool) -> None:
        """Serve the connection until it ends. `has_place`: the process may open this socket."""

    @abstractmethod
    async def close(self, reason: CloseReason) -> None:
        """Tell the client why, and close after what was sent before."""

    @abstractmethod
    async def release(self) -> None:
        """Give up the member's place after the connection has ended."""

    def close_soon(self, reason: CloseReason) -> None:
        """Close without waiting, for `Member`."""
        # The reference keeps the task alive until it is done.
        self._closing = asyncio.get_running_loop().create_task(self._close_quietly(reason))

    async def _close_quietly(self, reason):
        with contextlib.suppress(Exception):  # the client may be gone already
            await self.close(reason)

    async def drain(self, reason: CloseReason) -> None:
        """On a restart, wait until the member was sent the lines that are there."""
        if reason is CloseReason.RESTART and self.member is not None:
            await self.member.follower.wait_drained()

    @property
    def ignores_input(self) -> bool:
        """Whether the connection is ending, so that nothing more is done for it."""
        return self.process.stopping or (self.member is not None and self.member.ended)

    def extension(self, name: str) -> Any:
        """Return a function that our own servers offer in the scope, or None."""
        return self.scope.get("extensions", {}).get(name)
