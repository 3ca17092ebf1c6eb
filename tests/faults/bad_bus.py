"""A channel layer that does to rings what networks do, only more often."""

import asyncio
import random

from chat.live.layer import Layer

DROPPED, DOUBLED, DELAYED = 0.1, 0.1, 0.3  # shares of the rings
LONGEST_DELAY = 1.5  # seconds; those that were sent later overtake


class BadBus(Layer):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._late = set()

    async def group_send(self, group, message):
        if random.random() < DROPPED:
            return
        await self._send(group, message)
        if random.random() < DOUBLED:
            await self._send(group, message)

    async def _send(self, group, message):
        if random.random() < DELAYED:
            task = asyncio.create_task(self._send_late(group, message))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        else:
            await super().group_send(group, message)

    async def _send_late(self, group, message):
        await asyncio.sleep(random.random() * LONGEST_DELAY)
        await super().group_send(group, message)
