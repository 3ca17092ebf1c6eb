"""The bus between processes carries one thing: "the log of room R has grown". A doorbell.

A ring may be lost, doubled, late or out of order: the poll of the rooms' counters finds the rows
all the same. So nothing here retries for long, and nobody waits for it.
"""

import asyncio
import logging
from contextlib import suppress

from channels.layers import InMemoryChannelLayer, get_channel_layer

logger = logging.getLogger("chat.doorbell")

PAUSE = 1  # seconds after the bus failed, before it is listened to again
CLOSE_WITHIN = 1  # seconds for a goodbye to the bus; it may be frozen, and we are about to stop


def make(heard):
    """The process's doorbell; `heard(room_id)` is called for each ring of another process."""
    layer = get_channel_layer()
    # In memory there is nobody else to ring: the layer ends with the process.
    if layer is None or isinstance(layer, InMemoryChannelLayer):
        return Silence()
    return Doorbell(layer, heard)


class Silence:
    """The doorbell of a process that is alone."""

    def ring(self, room_id):
        pass

    def follow(self, room_id):
        pass

    def renew(self):
        pass

    async def listen(self):
        pass

    async def close(self):
        pass


class Doorbell:
    """Rings, and hears, through the channel layer: one group per room, one member per process.

    Nothing here waits for the bus but tasks of its own: it may be frozen as well as dead.
    """

    def __init__(self, layer, heard):
        self._layer = layer
        self._heard = heard
        self._channel = None
        self._rooms = set()
        self._due = set()
        self._ringing = None
        self._renewing = None

    def ring(self, room_id):
        """Tell the others, soon; rings of one room that wait become one."""
        self._due.add(room_id)
        if self._ringing is None:
            self._ringing = asyncio.get_running_loop().create_task(self._ring())

    async def _ring(self):
        try:
            while self._due:
                room_id = self._due.pop()
                ring = {"type": "ring", "room": room_id, "from": self._channel}
                await self._layer.group_send(_group(room_id), ring)
        except Exception as error:
            logger.warning("The bus cannot be rung: %s", type(error).__name__)
        finally:
            self._ringing = None

    def follow(self, room_id):
        """Hear of a room from now on."""
        self._rooms.add(room_id)
        self.renew()

    def renew(self):
        """Say again which rooms we follow: a bus that restarts forgets, all do after an hour."""
        if self._channel is not None and self._renewing is None:
            self._renewing = asyncio.get_running_loop().create_task(self._renew())

    async def _renew(self):
        try:
            for room_id in list(self._rooms):
                await self._layer.group_add(_group(room_id), self._channel)
        except Exception as error:
            logger.warning("The bus cannot be joined: %s", type(error).__name__)
        finally:
            self._renewing = None

    async def listen(self):
        """Hear rings until cancelled; a bus that is away is asked again, and joined anew."""
        while True:
            try:
                if self._channel is None:
                    self._channel = await self._layer.new_channel("process")
                self.renew()
                while True:
                    self._take(await self._layer.receive(self._channel))
            except Exception as error:
                logger.warning("The bus cannot be heard: %s", type(error).__name__)
                await asyncio.sleep(PAUSE)

    def _take(self, message):
        # A newer version may send what we do not know.
        room_id, sender = message.get("room"), message.get("from")
        if message.get("type") == "ring" and isinstance(room_id, int) and sender != self._channel:
            self._heard(room_id)

    async def close(self):
        """Leave the rooms, or each ring would be written for us until the bus forgets us."""
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_WITHIN):
                await self._leave()
                if close := getattr(self._layer, "close_pools", None):
                    await close()

    async def _leave(self):
        if self._renewing is not None:  # or it would join again what we have left
            self._renewing.cancel()
            await asyncio.wait([self._renewing])
        if self._channel is not None:
            for room_id in self._rooms:
                await self._layer.group_discard(_group(room_id), self._channel)


def _group(room_id):
    return f"room.{room_id}"
