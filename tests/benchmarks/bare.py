"""What a Python process does that only passes bytes on and keeps nothing.

    python -m tests.benchmarks.bare PORT [--batched]

It speaks enough of the legacy protocol for the load: whoever logs in is in, and what is said is
written to everybody, a write for each message, or, batched, one for all that came in one turn of
uvloop's loop. It knows no names, checks nothing, and bounds nothing.
"""

import argparse
import asyncio

import uvloop

from tests.support.ports import HOST


class Everybody:
    """Those who are in the room, and how they are told."""

    def __init__(self, batched):
        self.transports = []
        self.waiting = []
        self.tell = self.tell_later if batched else self.tell_at_once

    def tell_at_once(self, line):
        for transport in self.transports:
            transport.write(line)

    def tell_later(self, line):
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self._tell_all)
        self.waiting.append(line)

    def _tell_all(self):
        lines, self.waiting = b"".join(self.waiting), []
        self.tell_at_once(lines)


class Member(asyncio.Protocol):
    """One connection."""

    def __init__(self, everybody):
        self.everybody = everybody
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
                self.everybody.transports.append(self.transport)
            elif word == b"say":
                self.everybody.tell(b"%b: %b\n" % (self.name, argument))

    def connection_lost(self, exc):
        if self.transport in self.everybody.transports:
            self.everybody.transports.remove(self.transport)


async def serve(port, batched):
    everybody = Everybody(batched)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Member(everybody), HOST, port, backlog=2048)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("port", type=int)
    parser.add_argument("--batched", action="store_true")
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.batched))


if __name__ == "__main__":
    main()
