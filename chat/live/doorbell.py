"""The bus between processes. It carries one kind of message: "the log of room R has grown".

Such a ring may be lost, doubled, late or out of order, because the poll of the rooms' counters
finds the rows all the same. So a ring that fails is not sent again, and nothing waits for a ring.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from channels.layers import InMemoryChannelLayer, get_channel_layer

logger = logging.getLogger(__name__)

RETRY_PAUSE = 1  # seconds between a failure of the bus and the next attempt to listen to it
CLOSE_WITHIN = 1  # seconds to leave the bus. It may be frozen, and the process has to stop.


class Doorbell(Protocol):
    """The part of a process that rings the other processes and hears them."""

    def ring(self, room_id: int) -> None:
        """Tell the other processes soon that a room has changed."""

    def follow(self, room_id: int) -> None:
        """Hear rings of a room from now on."""

    def renew(self) -> None:
        """Join the followed rooms again, since the bus forgets members after a while."""

    async def listen(self) -> None:
        """Hear rings until cancelled."""

    async def close(self) -> None:
        """Leave the bus."""


def make(heard: Callable[[int], None]) -> Doorbell:
    """Return this process's doorbell; `heard(room_id)` is called for rings of other processes."""
    layer = get_channel_layer()
    # The in-memory layer reaches nobody outside this process.
    if layer is None or isinstance(layer, InMemoryChannelLayer):
        return SilentDoorbell()
    return LayerDoorbell(layer, heard)


class SilentDoorbell:
    """The doorbell of a process without a bus."""

    def ring(self, room_id: int) -> None:
        pass

    def follow(self, room_id: int) -> None:
        pass

    def renew(self) -> None:
        pass

    async def listen(self) -> None:
        pass

    async def close(self) -> None:
        pass


class LayerDoorbell:
    """Rings and hears through the channel layer: one group per room, one channel per process.

    Only tasks of this class wait for the bus, because it may be frozen.
    """

    def __init__(self, layer: Any, heard: Callable[[int], None]) -> None:
        self._layer = layer
        self._heard = heard
        self._channel: str | None = None
        self._rooms: set[int] = set()
        self._due: set[int] = set()  # rooms whose ring has not been sent
        self._ringing: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None

    def ring(self, room_id: int) -> None:
        self._due.add(room_id)  # waiting rings of one room become one
        if self._ringing is None:
            self._ringing = asyncio.get_running_loop().create_task(self._ring())

    async def _ring(self):
        try:
            while self._due:
                room_id = self._due.pop()
                ring = {"type": "ring", "room": room_id, "from": self._channel}
                await self._layer.group_send(_group(room_id), ring)
        except Exception as error:
            logger.warning("A ring cannot be sent to the bus: %s", type(error).__name__)
        finally:
            self._ringing = None

    def follow(self, room_id: int) -> None:
        self._rooms.add(room_id)
        self.renew()

    def renew(self) -> None:
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

    async def listen(self) -> None:
        while True:
            try:
                if self._channel is None:
                    self._channel = await self._layer.new_channel("process")
                self.renew()
                while True:
                    self._handle(await self._layer.receive(self._channel))
            except Exception as error:
                logger.warning("Rings cannot be received from the bus: %s", type(error).__name__)
                await asyncio.sleep(RETRY_PAUSE)

    def _handle(self, message):
        # A newer version of the site may send messages that this one does not know.
        room_id, sender = message.get("room"), message.get("from")
        if message.get("type") == "ring" and isinstance(room_id, int) and sender != self._channel:
            self._heard(room_id)

    async def close(self) -> None:
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_WITHIN):
                await self._leave()
                if close := getattr(self._layer, "close_pools", None):
                    await close()

    async def _leave(self):
        """Leave the groups. Otherwise the bus would store each ring for us until it forgets us."""
        if self._renewing is not None:  # otherwise it would join groups that we have left
            self._renewing.cancel()
            await asyncio.wait([self._renewing])
        if self._channel is not None:
            for room_id in self._rooms:
                await self._layer.group_discard(_group(room_id), self._channel)


def _group(room_id):
    return f"room.{room_id}"
