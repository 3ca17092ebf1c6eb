"""A small application behind the site's HTTP server, and a client that sends what it likes."""

import asyncio
import re
import socket
from contextlib import asynccontextmanager
from functools import wraps
from typing import NamedTuple

import uvloop

from chat.servers.http_limits import HttpLimits
from chat.servers.worker import Worker
from tests.support.ports import HOST
from tests.support.waiting import PATIENCE

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def on_uvloop(test):
    """Make a test of a coroutine, run by the event loop of production."""

    @wraps(test)
    def run(*args, **options):
        uvloop.run(asyncio.wait_for(test(*args, **options), 2 * PATIENCE))

    return run


def post(length, path="/", more=b""):
    """Return the head of a POST with a declared length."""
    lines = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n"
    return lines.encode() + more + b"\r\n"


def headers(*lines, method="GET", version="1.1"):
    """Return a request with header lines besides the host."""
    head = "".join(f"{line}\r\n" for line in ("Host: localhost", *lines))
    return f"{method} / HTTP/{version}\r\n{head}\r\n".encode("latin-1")


CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


class Response(NamedTuple):
    status: int
    headers: str
    body: bytes


class Application:
    """Answers each request with the length of its body. `requests` are (method, path, body).

    `allowed` is an event that answers wait for. The path `/large` is answered with `large` bytes.
    """

    def __init__(self, large=0):
        self.requests = []
        self.large = large
        self.allowed = asyncio.Event()
        self.allowed.set()
        self.sent = False  # a large answer was sent to its end

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.disconnect":
                await send({"type": "websocket.send", "text": "heard"})
        else:
            body = await self.read(receive)
            self.requests.append((scope["method"], scope["path"], body))
            await self.allowed.wait()
            await self.answer(scope, send, len(body))

    async def live(self, receive, send):
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})

    async def read(self, receive):
        body = b""
        while (event := await receive())["type"] == "http.request":
            body += event["body"]
            if not event["more_body"]:
                break
        return body

    async def answer(self, scope, send, length):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/large":
            for _ in range(self.large // 65536):
                await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
            self.sent = True
        await send({"type": "http.response.body", "body": str(length).encode()})


class Client:
    """A TCP connection to the server."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def response(self):
        """Read a response with a Content-Length or in chunks."""
        head = (await self._read(self.reader.readuntil(b"\r\n\r\n"))).decode()
        status = int(head.split()[1])
        if length := re.search(r"content-length: (\d+)", head, re.IGNORECASE):
            return Response(status, head, await self._read(self.reader.readexactly(int(length[1]))))
        body = b""
        while size := int(await self._read(self.reader.readuntil(b"\r\n")), 16):
            body += (await self._read(self.reader.readexactly(size + 2)))[:-2]
        await self._read(self.reader.readexactly(2))
        return Response(status, head, body)

    async def until_closed(self):
        """Return all that comes until the server closes its side."""
        return await self._read(self.reader.read())

    async def _read(self, reading):
        return await asyncio.wait_for(reading, PATIENCE)

    @property
    def socket(self):
        return self.writer.get_extra_info("socket")


# The client may get no processor for a while between two steps.
UNHURRIED = dict.fromkeys(
    ("head_seconds", "body_seconds", "idle_seconds", "send_seconds", "linger_seconds"), PATIENCE
)


class Site:
    """An application, served."""

    def __init__(self, application, worker, address):
        self.application, self.worker, self.address = application, worker, address
        self._clients = []

    @property
    def connections(self):
        return self.worker.server_state.connections

    async def connect(self, **options):
        client = Client(*await asyncio.open_connection(*self.address, **options))
        self._clients.append(client)
        return client

    async def answer(self, data):
        """Send something on a connection of its own and return the response."""
        client = await self.connect()
        await client.send(data)
        return await client.response()

    async def until(self, condition):
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.01)  # the time until the next check

    def close(self):
        for client in self._clients:
            client.writer.transport.abort()


@asynccontextmanager
async def serving(application=None, open_sockets=None, **limits):
    """Serve an application with some limits, and give the `Site`.

    The times that clients have are long unless they are given.
    """
    application = application or Application()
    with socket.create_server((HOST, 0)) as sock:
        limits = HttpLimits(**{**UNHURRIED, **limits})
        worker = Worker(application, lambda: None, None, limits, lambda: open_sockets)
        serving = asyncio.create_task(worker.serve([sock]))
        site = Site(application, worker, sock.getsockname())
        await site.until(lambda: worker.started)
        try:
            yield site
        finally:
            application.allowed.set()
            site.close()
            worker.should_exit = True
            await asyncio.wait_for(serving, PATIENCE)
