"""The legacy port loses nothing that was sent before a close, whatever the client still sends."""

import asyncio
import socket

import pytest
import uvloop

from chat.servers import receiving, tcp
from tests.support.ports import HOST
from tests.support.waiting import PATIENCE

LAST_LINES = b"the last lines\n" * 1000

pytestmark = pytest.mark.same_on_every_database


class Application:
    """Sends the last lines and closes when a client has sent something."""

    def __init__(self, close=None, unreceived=False):
        self.close = close
        self.unreceived = unreceived  # whether it receives nothing of what comes
        self.lost = asyncio.Event()
        self.events = []

    async def __call__(self, scope, receive, send):
        scope["extensions"]["chatsite.when_lost"](self.lost.set)
        await receive()
        if not self.unreceived:
            await receive()
        await send({"type": "tcp.send", "data": LAST_LINES})
        if self.close:
            await send(self.close)
            await send({"type": "tcp.send", "data": b"too late"})
            self.events.append(await receive())


@pytest.fixture(autouse=True)
def long_linger(monkeypatch):
    """Wait for clients longer than any test takes."""
    monkeypatch.setattr(tcp, "LINGER_TIMEOUT", 3 * PATIENCE)


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request):
    def run(scenario):
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(asyncio.wait_for(scenario, PATIENCE))

    return run


async def connect(application):
    server = await tcp.serve(application, HOST, 0)
    client = socket.socket()
    client.settimeout(PATIENCE)
    await asyncio.to_thread(client.connect, server.sockets[0].getsockname())
    return server, client


def received_while_typing(client):
    """Return what a client receives that types on and reads only later."""
    for _ in range(20):
        client.sendall(b"say more\n")
    data = b""
    while part := client.recv(1 << 16):
        data += part
        client.sendall(b"say even more\n")
    return data


ways_to_close = pytest.mark.parametrize("close", [None, {"type": "tcp.close"}])


@ways_to_close
def test_a_client_that_is_typing_receives_the_last_lines(run, close):
    async def scenario():
        application = Application(close)
        server, client = await connect(application)
        assert await asyncio.to_thread(received_while_typing, client) == LAST_LINES
        client.close()
        await application.lost.wait()
        if close:
            assert application.events == [{"type": "tcp.disconnect"}]
        server.close()

    run(scenario())


def test_what_the_application_has_not_received_does_not_reset_the_connection(run, monkeypatch):
    monkeypatch.setattr(receiving, "RECEIVE_HIGH_WATER", 10)
    monkeypatch.setattr(receiving, "RECEIVE_MAX", 10)

    async def scenario():
        application = Application(unreceived=True)
        server, client = await connect(application)
        assert await asyncio.to_thread(received_while_typing, client) == LAST_LINES
        client.close()
        await application.lost.wait()
        server.close()

    run(scenario())


def test_a_client_that_does_not_close_is_closed_after_a_while(run, monkeypatch):
    monkeypatch.setattr(tcp, "LINGER_TIMEOUT", 0.3)

    async def scenario():
        application = Application()
        server, client = await connect(application)
        client.sendall(b"say something\n")
        begin = asyncio.get_running_loop().time()
        await application.lost.wait()
        assert asyncio.get_running_loop().time() - begin > 0.2
        client.close()
        server.close()

    run(scenario())


def test_a_client_that_reads_slowly_receives_everything_although_it_takes_longer(run, monkeypatch):
    monkeypatch.setattr(tcp, "LINGER_TIMEOUT", 0.1)
    much = b"x" * (8 << 20)  # more than the buffers of both kernels hold

    async def application(scope, receive, send):
        sending = asyncio.ensure_future(send({"type": "tcp.send", "data": much}))
        await asyncio.sleep(0)
        await send({"type": "tcp.close"})
        await sending

    async def scenario():
        server, client = await connect(application)
        await asyncio.sleep(0.5)  # longer than the server waits for a close
        size = 0
        while part := await asyncio.to_thread(client.recv, 1 << 20):
            size += len(part)
        assert size == len(much)
        client.close()
        server.close()

    run(scenario())


def test_a_close_that_does_not_linger_ends_at_once(run):
    async def scenario():
        application = Application({"type": "tcp.close", "linger": False})
        server, client = await connect(application)
        client.sendall(b"say something\n")
        await application.lost.wait()  # long before it would have lingered
        client.close()
        server.close()

    run(scenario())


def test_a_connection_can_be_cut_while_it_lingers(run):
    lost = asyncio.Event()

    async def application(scope, receive, send):
        scope["extensions"]["chatsite.when_lost"](lost.set)
        await send({"type": "tcp.close"})
        await send({"type": "tcp.close", "abort": True})

    async def scenario():
        server, client = await connect(application)
        await lost.wait()  # long before it would have lingered
        client.close()
        server.close()

    run(scenario())
