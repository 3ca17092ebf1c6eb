"""The bus between processes. It carries one kind of message: "these have changed".

Such a ring may be lost, doubled, late or out of order, because the poll finds the rows all the
same. So a ring that fails is not sent again, and nothing waits for a ring. Only a choice of an
account about a room, such as its level, is found by no poll: other devices see it when they connect
again.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any, Protocol

from channels.layers import InMemoryChannelLayer, get_channel_layer

from chat.live import shared_task, timing
from chat.live.outages import Outage

RETRY_PAUSE = 1  # seconds between a failure of the bus and the next attempt to listen to it
GROUP = "site"  # all processes of the site
CLOSE_WITHIN = 1  # seconds to leave the bus. It may be frozen, and the process has to stop.


class Subject(StrEnum):
    """The subjects of rings; a ring has the ids of those of each subject that have changed."""

    ROOMS = "rooms"  # a log has grown, or its lines were rewritten
    ACCOUNTS = "accounts"  # an account has read further, or changed its own place in a room
    CONNECTIONS = "connections"  # a connection was ended
    PEOPLE = "people"  # connections for whose people notices wait


Hearers = Mapping[Subject, Callable[[int], None]]  # called for each id that has changed


class Doorbell(Protocol):
    """The part of a process that rings the other processes and hears them."""

    def ring(self, subject: Subject, changed_id: int) -> None:
        """Tell the other processes soon that something has changed."""

    def renew(self) -> None:
        """Join the bus again, since it forgets its members after a while."""

    async def listen(self) -> None:
        """Hear rings until cancelled."""

    @property
    def is_away(self) -> bool:
        """Whether the bus does not carry messages now."""

    async def look(self) -> None:
        """Look whether the bus carries messages, by sending one to ourselves."""

    async def close(self) -> None:
        """Leave the bus."""


def make(hearers: Hearers) -> Doorbell:
    """Return this process's doorbell; the hearers are called for rings of other processes."""
    layer = get_channel_layer()
    # The in-memory layer reaches nobody outside this process.
    if layer is None or isinstance(layer, InMemoryChannelLayer):
        return SilentDoorbell()
    return LayerDoorbell(layer, hearers)


class SilentDoorbell:
    """The doorbell of a process without a bus."""

    def ring(self, subject: Subject, changed_id: int) -> None:
        pass

    def renew(self) -> None:
        pass

    async def listen(self) -> None:
        pass

    is_away = False

    async def look(self) -> None:
        pass

    async def close(self) -> None:
        pass


class LayerDoorbell:
    """Rings and hears through the channel layer: one group for the site, one channel per process.

    One ring carries all that has changed since the last one. A group for each room would
    cost a round trip for each of them, at every ring and whenever a process joins the bus. Only
    tasks of this class wait for the bus, because it may be frozen.
    """

    def __init__(self, layer: Any, hearers: Hearers) -> None:
        self._layer = layer
        self._hearers = hearers
        self._channel: str | None = None
        self._due: dict[Subject, set[int]] = {}  # whose ring has not been sent
        self._ringing: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._echo: asyncio.Event = asyncio.Event()  # set when our own message has come back
        self._outage = Outage(
            "Redis is away, so lines of other processes come up to a second later",
            "Redis is back",
        )

    def ring(self, subject: Subject, changed_id: int) -> None:
        self._due.setdefault(subject, set()).add(changed_id)
        if self._ringing is None:
            self._ringing = shared_task.start(self._ring())

    async def _ring(self):
        try:
            while self._due:
                due, self._due = self._due, {}
                changed = {subject.value: sorted(ids) for subject, ids in due.items()}
                ring = {"type": "ring", "from": self._channel, **changed}
                await self._layer.group_send(GROUP, ring)
        except Exception as error:
            self._outage.begin(error)
        finally:
            self._ringing = None

    def renew(self) -> None:
        if self._channel is not None and self._renewing is None:
            self._renewing = shared_task.start(self._renew())

    async def _renew(self):
        try:
            await self._layer.group_add(GROUP, self._channel)
        except Exception as error:
            self._outage.begin(error)
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
                self._outage.begin(error)
                await asyncio.sleep(RETRY_PAUSE)

    @property
    def is_away(self) -> bool:
        return self._outage.away

    async def look(self) -> None:
        try:
            async with asyncio.timeout(timing.LOOK_WITHIN):
                await self._hear_ourselves()
        except Exception as error:
            self._outage.begin(error)
        else:
            self._outage.end()

    async def _hear_ourselves(self):
        while self._channel is None:
            await asyncio.sleep(RETRY_PAUSE)
        self._echo.clear()
        await self._layer.send(self._channel, {"type": "echo"})
        await self._echo.wait()

    def _handle(self, message):
        # A newer version of the site may send messages that this one does not know.
        if message.get("type") == "echo":
            self._echo.set()
        elif message.get("type") == "ring" and message.get("from") != self._channel:
            for subject, heard in self._hearers.items():
                self._hear(message.get(subject), heard)

    def _hear(self, ids, heard):
        for changed_id in ids if isinstance(ids, list) else ():
            if isinstance(changed_id, int):
                heard(changed_id)

    async def close(self) -> None:
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_WITHIN):
                await self._leave()
                if close := getattr(self._layer, "close_pools", None):
                    await close()

    async def _leave(self):
        """Leave the group. Otherwise the bus would store each ring for us until it forgets us."""
        if self._renewing is not None:  # otherwise it would join the group again
            self._renewing.cancel()
            await asyncio.wait([self._renewing])
        if self._channel is not None:
            await self._layer.group_discard(GROUP, self._channel)
