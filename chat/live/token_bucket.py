"""A token bucket: it allows a burst, and a steady rate from then on."""

from typing import NamedTuple


class Rate(NamedTuple):
    """So many tokens at once, and so many a second from then on."""

    burst: float
    per_second: float


class TokenBucket:
    """A bucket that fills at a steady rate and begins full.

    Times are in seconds, by the monotonic clock of the caller. More may be taken than there is: the
    bucket then owes tokens, and callers wait in the order in which they took theirs.
    """

    __slots__ = ("_full_at", "_rate")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._full_at = 0.0  # when the bucket would be full if nothing more were taken

    def take(self, tokens: float, now: float) -> float:
        """Take some tokens, and return the seconds until the bucket has had all of them.

        A negative number gives tokens back that were taken before.
        """
        burst, per_second = self._rate
        full_at = self._full_at if self._full_at > now else now
        self._full_at = full_at = full_at + tokens / per_second
        wait = full_at - now - burst / per_second
        return wait if wait > 0 else 0.0
