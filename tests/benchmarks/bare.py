"""A Python process that only passes bytes on, and keeps nothing.

    python -m tests.benchmarks.bare PORT [--batched]

It speaks enough of the legacy protocol for the load: everybody may log in, and what is said is
written to all. It uses one write for each message or, with `--batched`, one write for everything
that came in one turn of uvloop's event loop. It knows no names, checks nothing, and bounds nothing.
"""

import argparse
import asyncio

import uvloop

from tests.support.ports import HOST


class BareRoom:
    """The connections in the room, and how messages are written to them."""

    def __init__(self, batched):
        self.transports = []
        self.waiting = []
        self.write = self._write_later if batched else self._write_now

    def _write_now(self, line):
        for transport in self.transports:
            transport.write(line)

    def _write_later(self, line):
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self._write_waiting)
        self.waiting.append(line)

    def _write_waiting(self):
        lines, self.waiting = b"".join(self.waiting), []
        self._write_now(lines)


class BareConnection(asyncio.Protocol):
    """One connection."""

    def __init__(self, room):
        self.room = room
        self.name = None
        self.rest = b""

    def connection_made(self, transport):
        self.transport = transport
        transport.write(b"Connect Success")

    def data_received(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            word, _, argument = line.partition(b" ")
            if word == b"login":
                self.name = argument
                self.transport.write(b"Login Success")
                self.room.transports.append(self.transport)
            elif word == b"say":
                self.room.write(b"%b: %b\n" % (self.name, argument))

    def connection_lost(self, exc):
        if self.transport in self.room.transports:
            self.room.transports.remove(self.transport)


async def serve(port, batched):
    room = BareRoom(batched)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: BareConnection(room), HOST, port, backlog=2048)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("port", type=int)
    parser.add_argument("--batched", action="store_true")
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.batched))


if __name__ == "__main__":
    main()
