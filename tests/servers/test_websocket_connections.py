"""uvicorn's WebSocket as the site adapts it, on real connections."""

import asyncio
import contextlib
import socket
from itertools import pairwise
from types import SimpleNamespace

import pytest
import uvicorn
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from chat.consumers import ChatConsumer, chat
from chat.live.member import CloseReason
from chat.servers import websocket
from chat.servers.websocket import READ_CHUNK, UvicornWebSocket
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.same_on_every_database

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MORE_THAN_BUFFERS_HOLD = 32 << 20  # bytes
SMALLEST_PING = 6  # bytes of a masked frame without a payload


@contextlib.asynccontextmanager
async def connected(protocol, application):
    """Serve an application with a protocol class, and connect to it; gives the client's socket."""
    config = uvicorn.Config(application, log_config=None)
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: protocol(config, ServerState(), {}, loop), "127.0.0.1", 0
    )
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        client.setblocking(False)
        await loop.sock_connect(client, server.sockets[0].getsockname())
        await loop.sock_sendall(client, HANDSHAKE)
        response = b""
        while b"\r\n\r\n" not in response:
            response += await loop.sock_recv(client, 1)
        yield client
    server.close()


def test_other_tasks_run_between_the_chunks_of_a_flood_of_pings(monkeypatch):
    """A message at the end of the flood arrives nevertheless."""
    monkeypatch.setattr(websocket, "READ_PAUSE", 0)
    pings, pings_at_turns, received = 0, [0], None

    class CountingWebSocket(UvicornWebSocket):
        def handle_ping(self):
            nonlocal pings
            pings += 1
            self.conn.data_to_send()

    async def application(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        received.set_result(await receive())

    async def scenario():
        nonlocal received
        received = asyncio.get_running_loop().create_future()
        async with connected(CountingWebSocket, application) as client:
            loop = asyncio.get_running_loop()
            message = Frame(Opcode.TEXT, b"the end").serialize(mask=True)
            flood = Frame(Opcode.PING, b"").serialize(mask=True) * 100_000 + message
            sending = loop.create_task(loop.sock_sendall(client, flood))
            while not received.done():
                await asyncio.sleep(0)
                pings_at_turns.append(pings)
            await sending
            assert received.result()["text"] == "the end"

    asyncio.run(asyncio.wait_for(scenario(), 2 * PATIENCE))
    assert pings == 100_000
    most = max(after - before for before, after in pairwise(pings_at_turns))
    assert most <= READ_CHUNK // SMALLEST_PING + 1


def test_the_clients_close_is_found_behind_everything_that_it_sent_before():
    """After its own close the application receives nothing; uvicorn would wait for 10 s."""
    close_timers = []

    class ClosingWebSocket(UvicornWebSocket):
        def handle_close(self, event):
            super().handle_close(event)
            close_timers.append(self.close_timer)

    async def application(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.close"})

    async def scenario():
        async with connected(ClosingWebSocket, application) as client:
            loop = asyncio.get_running_loop()
            message = Frame(Opcode.TEXT, b"x" * 1000).serialize(mask=True)
            close = Frame(Opcode.CLOSE, b"").serialize(mask=True)
            await loop.sock_sendall(client, message * 100 + close)
            while await loop.sock_recv(client, 1000):
                pass
            assert close_timers == [None]

    asyncio.run(asyncio.wait_for(scenario(), 2 * PATIENCE))


def test_a_client_that_never_reads_is_cut_when_the_goodbye_cannot_be_sent(monkeypatch):
    monkeypatch.setattr(chat, "CLOSE_WITHIN", 0.05)
    disconnected = None

    async def application(scope, receive, send):
        consumer = ChatConsumer()
        consumer.scope, consumer.send = scope, send
        consumer.process = SimpleNamespace(return_within=1)
        await receive()
        await send({"type": "websocket.accept"})
        event = {"type": "websocket.send", "text": "x" * MORE_THAN_BUFFERS_HOLD}
        write = consumer.extension("chatsite.write")
        assert write([event, event]), "the client has read everything"
        await consumer.close(CloseReason.SLOW)
        disconnected.set_result((await receive())["type"])

    async def scenario():
        nonlocal disconnected
        disconnected = asyncio.get_running_loop().create_future()
        async with connected(UvicornWebSocket, application), asyncio.timeout(PATIENCE):
            assert await disconnected == "websocket.disconnect"

    asyncio.run(scenario())
