"""A queue for the requests of pages, each of which takes a thread and connections to the database.

Without it, one client with many connections could start a thread for each of them. They would take
the processor from the chat, and the file descriptors from the database.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from chat.accounts.addresses import network_of
from chat.servers.http_refusals import answer

Application = Callable[..., Awaitable[None]]  # an ASGI application

AT_ONCE = 32  # requests of one process that are handled at the same time
AT_ONCE_OF_ADDRESS = 8  # of them, those of one address
MAX_WAITING = 512  # requests that wait; of one address as many as it may have connections
MAX_WAITING_OF_ADDRESS = 64
PATIENCE = 10  # seconds that a request waits


class PageQueue:
    """Gives an application so many requests at a time, from all addresses in turn.

    A request that waits for too long, or behind too many, is answered with 503. Clients without an
    address, such as proxies that forward none, have no limit of their own.
    """

    def __init__(
        self,
        application: Application,
        *,
        at_once: int = AT_ONCE,
        at_once_of_address: int = AT_ONCE_OF_ADDRESS,
        patience: float = PATIENCE,
    ) -> None:
        self.application = application
        self.at_once = at_once
        self.at_once_of_address = at_once_of_address
        self.patience = patience
        self.running: Counter[str | None] = Counter()
        # The requests of each address that wait. The address whose turn is next comes first.
        self.waiting: dict[str | None, deque[asyncio.Future[None]]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        address = network_of(scope["client"][0]) if scope.get("client") else None
        if not await self._admit(address):
            await answer(send, HTTPStatus.SERVICE_UNAVAILABLE)
            return
        try:
            await self.application(scope, receive, send)
        finally:
            self._end(address)

    async def _admit(self, address):
        """Wait for the turn of a request. Returns False if it does not come."""
        if address not in self.waiting and self._may_run(address):
            self.running[address] += 1
            return True
        if self._is_full(address):
            return False
        turn = asyncio.get_running_loop().create_future()
        self.waiting.setdefault(address, deque()).append(turn)
        try:
            async with asyncio.timeout(self.patience):
                await turn
        except BaseException as error:
            self._give_up(address, turn)
            if isinstance(error, TimeoutError):
                return False
            raise
        return True

    def _may_run(self, address):
        is_free = address is None or self.running[address] < self.at_once_of_address
        return is_free and self.running.total() < self.at_once

    def _is_full(self, address):
        of_address = len(self.waiting.get(address, ()))
        if address is not None and of_address >= MAX_WAITING_OF_ADDRESS:
            return True
        return sum(map(len, self.waiting.values())) >= MAX_WAITING

    def _give_up(self, address, turn):
        """Leave the queue, also when the turn has come at the same moment."""
        if not turn.cancelled():
            self._end(address)
        elif address in self.waiting:
            self._drop_cancelled(address)

    def _end(self, address):
        self.running[address] -= 1
        if not self.running[address]:
            del self.running[address]
        self._start_next()

    def _start_next(self):
        """Start what may start now, one request of each address after the other."""
        for address in list(self.waiting):
            self._drop_cancelled(address)
            if address in self.waiting and self._may_run(address):
                turns = self.waiting.pop(address)
                turns.popleft().set_result(None)
                self.running[address] += 1
                if turns:
                    self.waiting[address] = turns  # behind the other addresses

    def _drop_cancelled(self, address):
        """Drop requests that have given up, whose tasks may not have run since."""
        turns = deque(turn for turn in self.waiting[address] if not turn.cancelled())
        if turns:
            self.waiting[address] = turns
        else:
            del self.waiting[address]
