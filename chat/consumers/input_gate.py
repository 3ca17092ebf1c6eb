"""Lets the input of a connection through as fast as the flood limits allow.

Source: chat/wire/README.md, D14.
"""

import asyncio
import time
from collections.abc import Callable

from chat.live.flood_limits import Allowance

LONGEST_ENTRY = 2  # seconds that a client may have to wait before it enters
HOLD_CHECK = 0.25  # seconds between looks for the end of a connection that is held


class ClientGone(ConnectionError):
    """The client has ended the connection while it was held."""


class InputGate:
    """Holds one connection while its allowance is used up: nothing more is received from it.

    `ignores_input()` returns whether nothing more is done for the connection. `has_gone(seconds)`
    returns whether the client has ended it, so that it need not be held for so long.
    """

    __slots__ = ("_has_gone", "_ignores_input", "allowance")

    def __init__(
        self,
        allowance: Allowance,
        *,
        ignores_input: Callable[[], bool],
        has_gone: Callable[[float], bool],
    ) -> None:
        self.allowance = allowance
        self._ignores_input = ignores_input
        self._has_gone = has_gone

    async def spend(self, lines: int, size: int) -> None:
        """Wait until some lines and bytes of the client may be handled. Raises `ClientGone`."""
        if wait := self.allowance.take(lines, size):
            await self.hold(wait, lines, size)

    async def spend_soon(self, lines: int, size: int) -> bool:
        """Do the same as `spend`, but return False at once when it would take long.

        Sockets that wait to enter take places, which would run out.
        """
        wait = self.allowance.take(lines, size)
        if wait > LONGEST_ENTRY:
            self.allowance.give_back(lines, size)
            return False
        await self.hold(wait, lines, size)
        return True

    async def hold(
        self,
        wait: float,
        lines: int = 0,
        size: int = 0,
        *,
        is_ended: Callable[[], bool] = lambda: False,
    ) -> None:
        """Wait some seconds for lines and bytes that were taken from the allowance.

        Returns sooner when nothing more is done for the connection, or `is_ended()` returns true.
        Nobody tells the consumer when the client ends it meanwhile, so look regularly. Raises
        `ClientGone`.
        """
        until = time.monotonic() + wait
        while (left := until - time.monotonic()) > 0:
            if self._ignores_input() or is_ended():
                return
            if self._has_gone(left):
                self.allowance.give_back(lines, size)
                raise ClientGone
            await asyncio.sleep(min(left, HOLD_CHECK))
