"""Budgets: how often somebody may do something in a window of time.

    RESETS_PER_MAILBOX = Limit("password resets for a mailbox", 3, 3600)

    spend(RESETS_PER_MAILBOX.of(email), now=now)  # raises TooManyAttempts

All processes of the site share the counts; see `chat.accounts.counters` for where they are kept.
Windows are fixed: one of 300 s begins whenever the clock shows a multiple of 300 s.
"""

import math
import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import NamedTuple

from django.utils.crypto import salted_hmac

from chat.accounts import counters
from chat.accounts.counters import Count

KEPT_REFUSALS = 10_000  # used up budgets that this process remembers
REFUSAL_KEPT = 5  # seconds for which a used up budget is refused without asking for its count

Clock = Callable[[], float]


class TooManyAttempts(Exception):
    """A budget is used up; the next attempt is allowed in `retry_after` seconds.

    `limit` is the name of the limit that was reached.
    """

    def __init__(self, retry_after: int, limit: str = "") -> None:
        super().__init__(retry_after, limit)
        self.retry_after = retry_after
        self.limit = limit


class Limit(NamedTuple):
    """At most `most` times in a window of `window` seconds.

    The name is part of what is counted, so it must differ from those of all other limits.
    """

    name: str
    most: int
    window: int

    def of(self, *subject: object) -> "Budget":
        """Return the budget of somebody or something, such as an address and a name."""
        return Budget(self, tuple(map(str, subject)))


class Budget(NamedTuple):
    """The attempts that one subject has under one limit."""

    limit: Limit
    subject: tuple[str, ...]

    def count_at(self, now: float) -> Count:
        """Return which count belongs to the budget in the present window."""
        number = int(now // self.limit.window)
        # Subjects are kept as digests, because they may be long and contain personal data.
        text = repr((self.limit.name, self.limit.window, number, self.subject))
        return Count(
            salted_hmac("counted", text, algorithm="sha256").hexdigest()[: counters.KEY_LENGTH],
            (number + 1) * self.limit.window,
        )


class Refusals:
    """The used up budgets that this process knows. During an attack they answer most attempts."""

    def __init__(self, most: int = KEPT_REFUSALS) -> None:
        self._most = most
        self._until: dict[str, float] = {}  # by the key of the count; the oldest first
        self._lock = Lock()

    def has(self, count: Count, now: float) -> bool:
        return self._until.get(count.key, 0) > now

    def add(self, count: Count, now: float) -> None:
        with self._lock:
            self._until.pop(count.key, None)
            self._until[count.key] = min(now + REFUSAL_KEPT, count.expires)
            while len(self._until) > self._most:
                del self._until[next(iter(self._until))]

    def discard(self, count: Count) -> None:
        with self._lock:
            self._until.pop(count.key, None)

    def clear(self) -> None:
        with self._lock:
            self._until.clear()


refusals = Refusals()


def check(*budgets: Budget, now: Clock = time.time) -> None:
    """Raise TooManyAttempts if this process knows that a budget is used up. Costs nothing else."""
    moment = now()
    _refuse([b for b in budgets if refusals.has(b.count_at(moment), moment)], moment)


def spend(*budgets: Budget, now: Clock = time.time) -> None:
    """Count one more attempt against each of the budgets, before the attempt is made.

    Raises TooManyAttempts if any of them is used up; then none of them is charged. Makes one
    trip to the counters, or none while this process knows that a budget is used up.

    Call it outside of transactions. It does not fail while the counters are away.
    """
    moment = now()
    check(*budgets, now=lambda: moment)
    counts = {budget: budget.count_at(moment) for budget in budgets}
    counted = counters.add(counts.values(), moment)
    used_up = [budget for budget in budgets if counted[counts[budget].key] > budget.limit.most]
    if used_up:
        counters.take_back(counts.values(), moment)
        for budget in used_up:
            refusals.add(counts[budget], moment)
    _refuse(used_up, moment)


def take_back(*budgets: Budget, now: Clock = time.time) -> None:
    """Take back one attempt from each of the budgets, after `spend` has counted it."""
    moment = now()
    if counts := _allow_again(budgets, moment):
        counters.take_back(counts, moment)


def reset(*budgets: Budget, now: Clock = time.time) -> None:
    """Forget all attempts that were counted against the budgets."""
    if counts := _allow_again(budgets, now()):
        counters.remove([count.key for count in counts])


def _allow_again(budgets: Iterable[Budget], now: float) -> list[Count]:
    """Forget that budgets are used up, and return their counts."""
    counts = [budget.count_at(now) for budget in budgets]
    for count in counts:
        refusals.discard(count)
    return counts


def _refuse(used_up: Iterable[Budget], now: float) -> None:
    """Raise TooManyAttempts for the budget that is used up for longest, if there is one."""
    waits = [(math.ceil(b.limit.window - now % b.limit.window), b.limit.name) for b in used_up]
    if waits:
        raise TooManyAttempts(*max(waits))
