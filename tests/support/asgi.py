"""An application that tells its clients what a server says about them, under several servers."""

import asyncio
import json
import socket
import struct
from contextlib import asynccontextmanager

import uvicorn

from chat.servers.clients import ClientAddress
from chat.servers.worker import Worker
from tests.support.waiting import PATIENCE

RESET = struct.pack("ii", 1, 0)  # for SO_LINGER: closing resets the connection
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class Mirror:
    """Answers each request with the client and the scheme of its scope, as JSON.

    A WebSocket gets the answer in a header of the handshake. `scopes` has the scopes of all
    requests.
    """

    def __init__(self):
        self.scopes = []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        self.scopes.append(scope)
        answer = [(b"x-seen", json.dumps([scope["client"], scope["scheme"]]).encode())]
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept", "headers": answer})
            await send({"type": "websocket.close"})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": answer})
            await send({"type": "http.response.body", "body": b""})

    async def _live(self, receive, send):
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})


def site_worker(application):
    """Return the server of `manage.py serve`."""
    return Worker(application, lambda: None, None)


def bare_uvicorn(application, **options):
    """Return the server that the command `uvicorn` runs."""
    return uvicorn.Server(uvicorn.Config(application, log_level="warning", **options))


@asynccontextmanager
async def running(sock, make_server=site_worker):
    """Run a mirror behind `ClientAddress` on a listening socket; gives the mirror."""
    mirror = Mirror()
    server = make_server(ClientAddress(mirror))
    serving = asyncio.create_task(server.serve([sock]))
    async with asyncio.timeout(PATIENCE):
        while not server.started:
            await asyncio.sleep(0.01)
    try:
        yield mirror
    finally:
        server.should_exit = True
        await asyncio.wait_for(serving, PATIENCE)


def request_bytes(lines, upgrade=False):
    """Return a request with header lines, which are (name, value) pairs."""
    pairs = [("Host", "localhost"), *(UPGRADE.items() if upgrade else ()), *lines]
    head = "".join(f"{name}: {value}\r\n" for name, value in pairs)
    return f"GET / HTTP/1.1\r\n{head}\r\n".encode("latin-1")


async def seen(sock, *lines, source=None, upgrade=False):
    """Return [client, scheme] of a request to the mirror on a listening socket."""
    address = sock.getsockname()
    if sock.family == socket.AF_UNIX:
        reader, writer = await asyncio.open_unix_connection(address)
    else:
        local = (source, 0) if source else None
        reader, writer = await asyncio.open_connection(*address[:2], local_addr=local)
    writer.write(request_bytes(lines, upgrade))
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
    writer.close()
    (answer,) = (line for line in head.decode().split("\r\n") if line.startswith("x-seen:"))
    return json.loads(answer.partition(":")[2])


def request_and_reset(sock, *lines, upgrade=False):
    """Send a request to a socket that accepts nothing yet, and reset the connection."""
    with socket.create_connection(sock.getsockname()) as client:
        client.sendall(request_bytes(lines, upgrade))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
