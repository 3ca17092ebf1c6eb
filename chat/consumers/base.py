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

from chat.consumers.input_gate import InputGate
from chat.live import process
from chat.live.database import Unavailable
from chat.live.flood_limits import Allowance
from chat.live.member import CloseReason, Member
from chat.live.members import Stopping
from chat.live.open_sockets import Place, SocketKind
from chat.wire.interface import Event
from chatsite.logs.causes import describe

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[Event]]

COMMANDS_PER_TURN = 20  # of one connection, before other connections have a turn


class MemberConsumer(AsyncConsumer, ABC):
    """Handles the events of one connection, one at a time and in order.

    Channels' own dispatch hops to a thread before each event to close old database connections.
    This class does not: consumers touch the database only through `chat.live.database`.
    """

    socket_kind: SocketKind  # of the sockets that a subclass serves

    def __init__(self) -> None:
        self.member: Member | None = None
        self.place: Place | None = None  # from the start of the process on
        self.gate = InputGate(
            Allowance(), ignores_input=lambda: self.ignores_input, has_gone=self.has_gone
        )
        self._closing: asyncio.Task[None] | None = None

    async def __call__(self, scope, receive, send):
        self.scope, self.send = scope, send
        try:
            self.process = await process.current()
            self.place = self.process.sockets.open(self.socket_kind, scope.get("client"))
            self.gate.allowance = self.process.flood_limits.connection(scope.get("client"))
            await self._serve_until_stop(receive)
        except Unavailable as error:
            logger.warning("A connection ended because the database is away: %s", describe(error))
            await self._close_quietly(CloseReason.ERROR)
        except OSError:
            pass  # the client went away while it was sent something
        except Exception:
            logger.exception("A connection ended by an error in its handler")
            await self._close_quietly(CloseReason.ERROR)
        finally:
            try:
                if self.member is not None:
                    await self.release()
            finally:
                self._give_place_back()

    async def _serve_until_stop(self, receive):
        try:
            await self.serve(receive)
        except Stopping:
            await self._close_quietly(CloseReason.RESTART)

    def _give_place_back(self):
        """Give the place back once the descriptor is closed, or now if the server does not tell."""
        if self.place is None:
            return
        when_lost = self.extension("chatsite.when_lost")
        if when_lost is None:
            self.place.close()
        else:
            when_lost(self.place.close)

    @abstractmethod
    async def serve(self, receive: Receive) -> None:
        """Serve the connection until it ends."""

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

    @property
    def may_be_told(self) -> bool:
        """Whether the socket may stay open for a moment to tell the client why it is closed.

        Otherwise its address has too many sockets on which nobody is signed in. A restart, which
        ends all connections, is always told.
        """
        return self.place is None or self.process.stopping or self.place.count_for_address()

    async def drain(self, reason: CloseReason) -> None:
        """On a restart, wait until the member was sent the lines that are there."""
        if reason is CloseReason.RESTART and self.member is not None:
            await self.member.rooms.wait_drained()

    @property
    def ignores_input(self) -> bool:
        """Whether the connection is ending, so that nothing more is done for it."""
        return self.process.stopping or (self.member is not None and self.member.ended)

    @property
    def address(self) -> str:
        """The address of the client; empty if it is not known."""
        client = self.scope.get("client")
        return client[0] if client else ""

    def has_gone(self, wait: float) -> bool:
        """Return whether the client has gone, so that it is not held for some more seconds."""
        has_ended = self.extension("chatsite.has_ended")
        return has_ended is not None and has_ended()

    def extension(self, name: str) -> Any:
        """Return a function that our own servers offer in the scope, or None."""
        return self.scope.get("extensions", {}).get(name)
