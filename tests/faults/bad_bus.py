"""A channel layer that loses, doubles, delays and reorders rings (scenario F11)."""

import asyncio
import random

from chat.live.layer import RingLayer

LOST, DOUBLED, DELAYED = 0.1, 0.1, 0.3  # shares of the rings
LONGEST_DELAY = 1.5  # seconds; rings that are sent later overtake


class UnreliableLayer(RingLayer):
    """The site's own layer, with faults in what it sends."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._delayed = set()

    async def group_send(self, group, message):
        if random.random() < LOST:
            return
        await self._send(group, message)
        if random.random() < DOUBLED:
            await self._send(group, message)

    async def _send(self, group, message):
        if random.random() < DELAYED:
            task = asyncio.create_task(self._send_late(group, message))
            self._delayed.add(task)
            task.add_done_callback(self._delayed.discard)
        else:
            await super().group_send(group, message)

    async def _send_late(self, group, message):
        await asyncio.sleep(random.random() * LONGEST_DELAY)  # the fault
        await super().group_send(group, message)
