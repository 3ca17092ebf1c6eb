"""The channel layer of channels_redis, without tracebacks while Redis is away.

Written for channels_redis 4.3; it overrides a method that is not documented.
"""

import logging
from typing import Any

from channels_redis.core import RedisChannelLayer

from chatsite.logs.causes import describe

logger = logging.getLogger(__name__)


class RingLayer(RedisChannelLayer):
    """A Redis channel layer for rings. A ring may be delivered twice."""

    async def _clean_receive_backup(self, index: int, channel: str) -> Any:
        # channels_redis runs this in a task that nobody awaits. Python would print a traceback if
        # Redis died at that moment. A backup that is not removed delivers the ring once more.
        try:
            await super()._clean_receive_backup(index, channel)
        except Exception as error:
            logger.warning("The backup of a ring cannot be removed: %s", describe(error))
