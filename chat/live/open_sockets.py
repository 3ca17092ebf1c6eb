"""The open sockets of this process, and their limits.

Each socket takes a place, `Place`, until its descriptor is closed. There are limits for

- all sockets: the descriptors that the system allows, without a reserve for the database, files
  and refusals;
- each kind of socket, so that no door can take the descriptors of another;
- each network address, for sockets on which nobody is signed in. A client without an address, such
  as a trusted proxy that forwards none, has the other limits only.

The limit of connections for each account is in `chat.room.replacement`, since all processes share
it.

To count another kind of connection, add it to `SocketKind` and `_limits`. Call `OpenSockets.open`
when a connection is accepted, and `Place.close` when its descriptor is closed. Servers, which have
no consumer, get the `OpenSockets` of the process from `process.sockets()`.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from enum import Enum
from typing import Any

from django.conf import settings

from chat.accounts.addresses import network_of
from chat.live import host

MAX_REFUSED = 16  # sockets beyond a limit that are open at a time, in order to tell them so
# The parts of all sockets that two kinds may have, unless a setting says otherwise. WebSockets may
# have the rest.
HTTP_PART, LEGACY_PART = 1 / 8, 1 / 4


class SocketKind(Enum):
    """The kinds of sockets that have limits of their own."""

    WEB = "WebSocket"
    LEGACY = "legacy port"
    HTTP = "HTTP"


class OpenSockets:
    """Counts the open sockets of this process."""

    def __init__(self, capacity: int | None = None) -> None:
        self.capacity = host.available_descriptors() if capacity is None else capacity
        self.limits = _limits(self.capacity)
        self.open_by_kind: Counter[SocketKind] = Counter()  # without those that were refused
        self.refused = 0
        self.by_address: Counter[tuple[bool, str]] = Counter()
        self._all_closed: asyncio.Future[None] | None = None

    def open(self, kind: SocketKind, client: Sequence[Any] | None) -> "Place":
        """Count one more socket, also if it is beyond a limit and has to be closed.

        `client` is the client's address and port, as in an ASGI scope.
        """
        is_full = (
            self.open_by_kind[kind] >= self.limits[kind]
            or self.open_by_kind.total() >= self.capacity
        )
        network = network_of(client[0]) if client else None
        return Place(self, kind, network, refused=is_full)

    async def wait_closed(self, seconds: float) -> None:
        """Wait until the sockets of both doors are closed, but not longer than some seconds."""
        if self._open_at_doors:
            self._all_closed = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._all_closed], timeout=seconds)

    def note_closed(self) -> None:
        """Wake `wait_closed` when no socket of a door is left."""
        waiting = self._all_closed
        if waiting is not None and not self._open_at_doors and not waiting.done():
            waiting.set_result(None)

    @property
    def _open_at_doors(self) -> int:
        return self.open_by_kind[SocketKind.WEB] + self.open_by_kind[SocketKind.LEGACY]


class Place:
    """One open socket. `refused`: the process has no room for it, so that it has to be closed."""

    __slots__ = ("_address", "_is_open", "_kind", "_sockets", "counts_for_address", "refused")

    def __init__(
        self, sockets: OpenSockets, kind: SocketKind, network: str | None, *, refused: bool
    ) -> None:
        self.refused = refused
        self.counts_for_address = False
        self._sockets = sockets
        self._kind = kind
        # HTTP is counted apart: browsers behind one address open many connections for a moment.
        self._address = None if network is None else (kind is SocketKind.HTTP, network)
        self._is_open = True
        if refused:
            sockets.refused += 1
        else:
            sockets.open_by_kind[kind] += 1

    def count_for_address(self) -> bool:
        """Count the socket for its address until it is closed: nobody is signed in on it.

        That is so before a login, for guests, and after the end of a login session. Returns whether
        the socket may stay open, if only for a moment in which the client is told why it is closed.
        """
        if self.refused and self._sockets.refused > MAX_REFUSED:
            return False
        if self._address is None or self.counts_for_address or not self._is_open:
            return True
        if self._sockets.by_address[self._address] >= settings.MAX_CONNECTIONS_PER_ADDRESS:
            return False
        self.counts_for_address = True
        self._sockets.by_address[self._address] += 1
        return True

    def close(self) -> None:
        """Give the place back, once the descriptor is closed. Further calls do nothing."""
        if not self._is_open:
            return
        self._is_open = False
        if self.refused:
            self._sockets.refused -= 1
        else:
            self._sockets.open_by_kind[self._kind] -= 1
        if self.counts_for_address:
            self._forget_address()
        self._sockets.note_closed()

    def _forget_address(self):
        counts = self._sockets.by_address
        counts[self._address] -= 1
        if not counts[self._address]:
            del counts[self._address]


def _limits(capacity: int) -> dict[SocketKind, int]:
    """Return how many sockets of each kind may be open."""
    http = max(1, int(capacity * HTTP_PART))
    legacy = settings.MAX_LEGACY_CONNECTIONS or max(1, int(capacity * LEGACY_PART))
    web = settings.MAX_WEB_CONNECTIONS or max(1, capacity - legacy - http)
    return {SocketKind.HTTP: http, SocketKind.LEGACY: legacy, SocketKind.WEB: web}
