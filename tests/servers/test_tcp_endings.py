"""The server of the legacy port notices the end of a connection, whatever still waits."""

import asyncio
import socket
import struct

import pytest
import uvloop

from chat.servers import receiving, tcp
from chat.servers.receiving import END_CHECK, EVENT_SIZE, Received
from tests.support.ports import HOST
from tests.support.waiting import PATIENCE

MEGABYTE = 1 << 20

pytestmark = [
    pytest.mark.same_on_every_database,
    pytest.mark.skipif(
        not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux tells that a peer has closed"
    ),
]

on_both_loops = pytest.mark.parametrize(
    "new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def half_close(sock):
    sock.shutdown(socket.SHUT_WR)


ways_to_end = pytest.mark.parametrize("end", [reset, socket.socket.close, half_close])


class Application:
    """An ASGI application with one connection, of which the test is the author."""

    def __init__(self):
        self.connected = asyncio.Event()
        self.released = asyncio.Event()  # the test lets the application return

    async def __call__(self, scope, receive, send):
        self.receive, self.send = receive, send
        self.ended_for = scope["extensions"]["chatsite.ended_for"]
        self.connected.set()
        await self.released.wait()

    async def await_end(self):
        async with asyncio.timeout(PATIENCE):
            while self.ended_for() is None:
                await asyncio.sleep(0.01)  # nothing announces it


async def connect(application, receive_buffer=None):
    """Return a server and the socket of a client that is connected to it."""
    server = await tcp.serve(application, HOST, 0)
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(PATIENCE)
    await asyncio.to_thread(client.connect, server.sockets[0].getsockname())
    await application.connected.wait()
    return server, client


async def received(application):
    """Return all data that waits, and what came after it."""
    data = b""
    while (event := await application.receive())["type"] != "tcp.disconnect":
        data += event.get("data", b"")
    return data


def run(new_loop, scenario):
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(asyncio.wait_for(scenario, PATIENCE))


@ways_to_end
@on_both_loops
def test_the_end_is_noticed_while_reading_pauses(monkeypatch, new_loop, end):
    monkeypatch.setattr(receiving, "RECEIVE_HIGH_WATER", 10)
    monkeypatch.setattr(receiving, "RECEIVE_MAX", 100)

    async def scenario():
        application = Application()
        server, client = await connect(application)
        client.sendall(b"x" * 200)
        await asyncio.sleep(3 * END_CHECK)  # checks that find the connection open
        client.sendall(b"y" * 1000)  # stays in the kernel
        assert application.ended_for() is None
        end(client)
        await application.await_end()
        data = await received(application)
        assert data.startswith(b"x" * 200)
        if end is not reset:  # what a reset finds in the kernel is dropped
            assert data == b"x" * 200 + b"y" * 1000
        application.released.set()
        server.close()
        client.close()

    run(new_loop, scenario())


@ways_to_end
@on_both_loops
def test_megabytes_that_wait_do_not_hide_the_end(new_loop, end):
    async def scenario():
        application = Application()
        server, client = await connect(application)
        data = b"x" * (3 * MEGABYTE)
        await asyncio.to_thread(client.sendall, data)
        end(client)
        await application.await_end()
        if end is not reset:
            assert await received(application) == data
        application.released.set()
        server.close()
        client.close()

    run(new_loop, scenario())


@on_both_loops
def test_a_client_that_is_not_received_has_to_wait(monkeypatch, new_loop):
    monkeypatch.setattr(receiving, "RECEIVE_TOTAL", MEGABYTE)

    async def scenario():
        application = Application()
        server, client = await connect(application)
        client.setblocking(False)
        sent = 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                while True:
                    await asyncio.get_running_loop().sock_sendall(client, b"x" * 1000)
                    sent += 1000
        assert Received.total < 2 * MEGABYTE
        received_size = 0
        while received_size < sent:
            event = await application.receive()
            received_size += len(event.get("data", b""))
            assert len(event.get("data", b"")) <= EVENT_SIZE
        client.close()
        application.released.set()
        while Received.total:
            await asyncio.sleep(0.01)
        server.close()

    run(new_loop, scenario())


@on_both_loops
def test_what_an_application_leaves_unreceived_is_forgotten(new_loop):
    async def scenario():
        application = Application()
        server, client = await connect(application)
        client.sendall(b"x" * 1000)
        while Received.total == 0:
            await asyncio.sleep(0.01)
        application.released.set()
        assert await asyncio.to_thread(client.recv, 10) == b""
        while Received.total:
            await asyncio.sleep(0.01)
        client.close()
        server.close()

    run(new_loop, scenario())


@on_both_loops
def test_nothing_waits_for_a_half_closed_client_that_does_not_read(new_loop):
    async def scenario():
        application = Application()
        server, client = await connect(application, receive_buffer=4096)
        event = {"type": "tcp.send", "data": b"x" * tcp.SEND_HIGH_WATER}

        async def send_much():
            for _ in range(100):
                await application.send(event)

        sending = asyncio.create_task(send_much())
        await asyncio.sleep(0.2)
        assert not sending.done(), "the buffers are larger than what is sent"
        half_close(client)
        await sending
        size = 0
        application.released.set()
        while data := await asyncio.to_thread(client.recv, MEGABYTE):
            size += len(data)
        assert 0 < size < 50 * tcp.SEND_HIGH_WATER, "it was not bounded"
        client.close()
        server.close()

    run(new_loop, scenario())
