"""channels_redis's layer, which leaves an error of its own unseen.

Written for channels_redis 4.3, of which it uses what is not documented.
"""

import logging

from channels_redis.core import RedisChannelLayer

logger = logging.getLogger("chat.doorbell")


class Layer(RedisChannelLayer):
    """A layer for rings, which may come twice."""

    async def _clean_receive_backup(self, index, channel):
        # Runs as a task that nobody awaits: when the bus dies or freezes between a ring and this,
        # or we do, Python would print a traceback. What is not cleaned comes once more.
        try:
            await super()._clean_receive_backup(index, channel)
        except Exception as error:
            logger.warning("The bus cannot be cleaned: %s", type(error).__name__)
