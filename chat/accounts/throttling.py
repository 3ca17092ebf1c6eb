"""Limits on attempts to sign in and on sign-ups, counted per network address.

Counts are kept in the cache, in fixed windows of time: a window of 300 s begins whenever the clock
shows a multiple of 300 s.
"""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv6Network, ip_address

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from chat.names.keys import key_of

MAX_ATTEMPTS = 10  # wrong passwords for one account from one address in a window
ATTEMPT_WINDOW = 300  # seconds
MAX_SIGN_UPS = 50  # accounts created from one address in a window
SIGN_UP_WINDOW = 3600  # seconds
MAX_ACCOUNT_TEXT = 254  # characters of the name or address that are compared
IPV6_NETWORK_BITS = 64  # the part of an address that is the same for all of a network

Clock = Callable[[], float]


class TooManyAttempts(Exception):
    """A limit is reached; the next attempt is allowed in `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


def count_attempt(address: str, account: str, now: Clock = time.time) -> None:
    """Count an attempt to sign in, before it is made. Raises TooManyAttempts.

    `account` is the text that names the account: a user name or an email address.
    """
    _count(_attempts(address, account), MAX_ATTEMPTS, ATTEMPT_WINDOW, now())


def forget_attempts(address: str, account: str, now: Clock = time.time) -> None:
    """Reset the count of attempts after one that succeeded."""
    cache.delete(_cache_key(_attempts(address, account), ATTEMPT_WINDOW, now()))


def count_sign_up(address: str, now: Clock = time.time) -> None:
    """Count a new account, before it is created. Raises TooManyAttempts."""
    _count(_sign_ups(address), MAX_SIGN_UPS, SIGN_UP_WINDOW, now())


def forget_sign_up(address: str, now: Clock = time.time) -> None:
    """Take back the count of an account that could not be created."""
    with suppress(ValueError):  # the cache has dropped the count
        cache.decr(_cache_key(_sign_ups(address), SIGN_UP_WINDOW, now()))


def network_of(address: str) -> str:
    """Return the part of an address that is the same for all addresses of its network.

    The owner of an IPv6 address usually has all 2**64 addresses with the same prefix (RFC 6177).
    """
    try:
        parsed = ip_address(address)
    except ValueError:  # the peer of a Unix socket has no address
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), IPV6_NETWORK_BITS), strict=False))


def _attempts(address: str, account: str) -> str:
    # The sign-in form ignores blanks around a name. If they counted here, every number of blanks
    # would allow another ten attempts.
    return f"guesses {network_of(address)} {key_of(account.strip()[:MAX_ACCOUNT_TEXT])}"


def _sign_ups(address: str) -> str:
    return f"sign-ups {network_of(address)}"


def _count(counter: str, limit: int, window: int, now: float) -> None:
    """Count one more in the present window of so many seconds. Raises TooManyAttempts."""
    key = _cache_key(counter, window, now)
    cache.add(key, 0, timeout=window)
    try:
        counted = cache.incr(key)
    except ValueError:  # a full cache has dropped it between the two calls
        return
    if counted > limit:
        raise TooManyAttempts(math.ceil(window - now % window))


def _cache_key(counter: str, window: int, now: float) -> str:
    # A name may contain characters that a cache key must not have, so its digest is used.
    return f"{int(now // window)}:{salted_hmac('counted', counter).hexdigest()}"
