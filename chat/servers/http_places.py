"""The places of HTTP connections among the open sockets of the process.

When there is no place for a new connection, the one is closed that has waited longest for its
client. So connections on which nothing happens never keep out others. No address gets more than
half of all places, so that its requests do not keep out others either.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from chat.accounts.addresses import network_of
from chat.live.open_sockets import OpenSockets, Place, SocketKind


class Connection(Protocol):
    """A connection that can be closed for another one."""

    def give_way(self) -> None:
        """Close at once, and call `HttpPlaces.close`."""


Waiting = dict[Connection, None]  # those that have waited longest first


class HttpPlaces:
    """The places of all HTTP connections of a process.

    `sockets()` returns the open sockets of the process, or None before it has started.
    """

    def __init__(self, sockets: Callable[[], OpenSockets | None]) -> None:
        self._sockets = sockets
        self._places: dict[Connection, tuple[Place, str | None]] = {}  # with their networks
        self._of_network: Counter[str | None] = Counter()
        self._waiting: dict[str | None, Waiting] = defaultdict(dict)  # by network

    def open(self, connection: Connection, client: Sequence[Any] | None) -> bool:
        """Give a place to a new connection. Returns whether there is one for it.

        `client` is the client's address and port; None for a trusted proxy, which may have all
        places.
        """
        sockets = self._sockets()
        if sockets is None:
            return True
        network = network_of(client[0]) if client else None
        place, rivals = self._take(sockets, client, network)
        if place is None and rivals:
            next(iter(rivals)).give_way()
            place, _ = self._take(sockets, client, network)
        if place is None:
            return False
        self._places[connection] = (place, network)
        self._of_network[network] += 1
        return True

    def note_waiting(self, connection: Connection, is_waiting: bool) -> None:
        """Note whether a connection waits for its client from now on."""
        if connection not in self._places:
            return
        _, network = self._places[connection]
        self._waiting[network].pop(connection, None)
        if is_waiting:
            self._waiting[network][connection] = None

    def close(self, connection: Connection) -> None:
        """Give the place of a connection back. Further calls do nothing."""
        if connection not in self._places:
            return
        place, network = self._places.pop(connection)
        place.close()
        self._waiting[network].pop(connection, None)
        self._of_network[network] -= 1
        if not self._of_network[network]:
            del self._of_network[network], self._waiting[network]

    def _take(self, sockets, client, network):
        """Return (a place, None), or (None, waiting connections of which one should give way)."""
        half = max(1, sockets.limits[SocketKind.HTTP] // 2)
        if network is not None and self._of_network[network] >= half:
            return None, self._waiting[network]
        place = sockets.open(SocketKind.HTTP, client)
        if not place.refused and place.count_for_address():
            return place, None
        place.close()
        return None, self._waiting_of_largest() if place.refused else self._waiting[network]

    def _waiting_of_largest(self):
        """Return the connections that wait, of the network that has most of them."""
        return max(self._waiting.values(), key=len, default={})
