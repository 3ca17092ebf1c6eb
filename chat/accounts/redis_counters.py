"""The counters of attempts in Redis.

The module stands by itself because a site without Redis should not load its library at each start.
"""

import math
from collections.abc import Collection

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat.accounts.counter_stores import Count, failures_of

REDIS_TIMEOUT = 0.5  # seconds that Redis has to answer
REDIS_SLACK = 60  # seconds that Redis keeps a counter longer, for processes whose clocks differ


class RedisCounters:
    """Counters in Redis, which removes old ones itself."""

    PREFIX = "chatsite:count:"

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT,
            socket_connect_timeout=REDIS_TIMEOUT,
            # A connection that was lost while nobody used it is replaced. A slow Redis is not
            # asked twice.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )

    def add(self, counts: list[Count], now: float) -> dict[str, int]:
        return self._change(counts, now, 1)

    def take_back(self, counts: list[Count], now: float) -> None:
        self._change(counts, now, -1)

    def _change(self, counts: list[Count], now: float, difference: int) -> dict[str, int]:
        calls = self._redis.pipeline()
        for key, expires in counts:
            calls.incrby(self.PREFIX + key, difference)
            # Redis may have dropped the count, which then begins again without an end.
            calls.expire(self.PREFIX + key, math.ceil(expires - now) + REDIS_SLACK)
        with failures_of("Redis", redis.RedisError, OSError):
            answers = calls.execute()
        return {count.key: answer for count, answer in zip(counts, answers[::2], strict=True)}

    def remove(self, keys: Collection[str]) -> None:
        with failures_of("Redis", redis.RedisError, OSError):
            self._redis.delete(*(self.PREFIX + key for key in keys))
