"""Limits on what clients send: lines and bytes of each connection, person and network address.

The limits only delay. A client above one of them waits, and nothing that it sent is lost. Both
doors ask an `Allowance` before they handle a line or a frame.

A command costs one line and its bytes, whether it is understood or not. An answer counts too, but
only with a part of its bytes: it goes to one client and is not saved. Entering costs two more
lines, because the log gets two rows: for entering, and for leaving later.

Each process counts for itself.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from django.conf import settings

from chat.accounts.addresses import network_of
from chat.live.token_bucket import Rate, TokenBucket

ANSWER_SHARE = 1 / 16  # of the bytes of an answer that count
ENTERING_LINES = 2  # rows of the log, see above
JOINING_LINES = 1  # the second row of the log
# Buckets of addresses and persons that are kept without a connection, so that a client does not
# begin anew by connecting again. The oldest is forgotten first.
KEPT_BUCKETS = 10_000

Clock = Callable[[], float]


class Limit(NamedTuple):
    """The lines and bytes that somebody may send."""

    lines: Rate
    bytes: Rate


class Limits(NamedTuple):
    """The limits for one connection, one person and one address."""

    connection: Limit
    person: Limit
    address: Limit


def limits_of_settings() -> Limits | None:
    """Return the limits that the settings say, or None if they say that there are none."""
    if settings.FLOOD_LIMITS is None:
        return None
    return Limits(
        **{
            name: Limit(lines=Rate(*lines), bytes=Rate(*size))
            for name, (lines, size) in settings.FLOOD_LIMITS.items()
        }
    )


class Budget:
    """The lines and bytes that one connection, person or address may still send."""

    __slots__ = ("__weakref__", "bytes", "lines")

    def __init__(self, limit: Limit) -> None:
        self.lines = TokenBucket(limit.lines)
        self.bytes = TokenBucket(limit.bytes)


class Allowance:
    """The lines and bytes that one connection may still send, from several budgets at once."""

    __slots__ = ("_budgets", "_clock")

    def __init__(self, clock: Clock = time.monotonic, *budgets: Budget) -> None:
        self._clock = clock
        self._budgets = list(budgets)

    def add(self, budget: Budget) -> None:
        """Draw on one more budget from now on."""
        self._budgets.append(budget)

    def take(self, lines: int, size: float) -> float:
        """Take some lines and bytes. Returns the seconds after which they may be handled."""
        wait, now = 0.0, self._clock()
        for budget in self._budgets:
            wait = max(wait, budget.lines.take(lines, now), budget.bytes.take(size, now))
        return wait

    def give_back(self, lines: int, size: float) -> None:
        """Return lines and bytes that were taken and are not handled."""
        self.take(-lines, -size)

    def charge_answer(self, size: int) -> None:
        """Count an answer of so many bytes that was sent to the client."""
        self.take(0, size * ANSWER_SHARE)

    def charge_entering(self) -> None:
        """Count the rows of the log that a new person in the room causes."""
        self.take(ENTERING_LINES, 0)

    def charge_joining(self) -> None:
        """Count the row that a log gets besides that for the command, when somebody joins a room.

        The visits of guests end with a row of their own, and a first message comes after another.
        """
        self.take(JOINING_LINES, 0)


class FloodLimits:
    """Makes the allowances of this process. With None for the limits, they allow everything."""

    def __init__(self, limits: Limits | None, clock: Clock = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._budgets: WeakValueDictionary[Hashable, Budget] = WeakValueDictionary()
        self._kept: OrderedDict[Hashable, Budget] = OrderedDict()

    def connection(self, client: Sequence[Any] | None) -> Allowance:
        """Return the allowance of a new connection.

        `client` is the client's address and port, as in an ASGI scope. Clients without an address
        share one budget, as if they had the same one.
        """
        if self._limits is None:
            return Allowance()
        network = network_of(client[0]) if client else ""
        shared = self._shared(("address", network), self._limits.address)
        return Allowance(self._clock, Budget(self._limits.connection), shared)

    def identify(self, allowance: Allowance, user_id: int) -> None:
        """Let the connection of an account draw on the budget of the account as well.

        The person of a guest is one connection, so its limit is that of the connection.
        """
        if self._limits is not None:
            allowance.add(self._shared(("person", user_id), self._limits.person))

    def _shared(self, key, limit):
        budget = self._budgets.get(key)
        if budget is None:
            budget = self._budgets[key] = Budget(limit)
        self._kept[key] = budget
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT_BUCKETS:
            self._kept.popitem(last=False)
        return budget
