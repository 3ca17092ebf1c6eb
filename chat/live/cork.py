"""Joins what a connection is sent for several rooms into one write.

One transaction may save messages of many rooms, and a connection may follow several of them. Each
write is a system call, which takes longer than everything else that a delivery needs.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Cork:
    """Holds back what is written to connections.

    `held` has the parts of each connection while the cork is in place. Otherwise it is None, and
    everybody writes to the connection itself.
    """

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: dict[asyncio.WriteTransport, list[bytes]] | None = None

    def write(self, transport: asyncio.WriteTransport, data: bytes) -> None:
        """Write to a connection, now or when the cork is removed."""
        if self.held is None:
            transport.write(data)
        else:
            self.held.setdefault(transport, []).append(data)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Hold back what is written in a block that does not wait, and write it at its end."""
        self.held = {}
        try:
            yield
        finally:
            held, self.held = self.held, None
            for transport, parts in held.items():
                if not transport.is_closing():
                    transport.writelines(parts)


cork = Cork()  # of all connections of this process
