"""The legacy port behind a TCP proxy that speaks the PROXY protocol."""

import asyncio
import socket
import struct
from contextlib import asynccontextmanager

import pytest
import uvloop

from chat.servers import proxied, tcp
from chat.servers.clients import ClientAddress
from chat.servers.proxied import ProxiedProtocol
from tests.support.asgi import RESET
from tests.support.ports import HOST
from tests.support.stalls import keep_the_processor
from tests.support.waiting import PATIENCE, let_others_run

pytestmark = pytest.mark.same_on_every_database

STRANGER = "127.0.0.9"  # an address of this machine that is no trusted proxy
GREETING = b"Connect Success"
V1 = b"PROXY TCP4 192.0.2.1 127.0.0.1 567 6666\r\n"
V2 = (
    b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0f"
    + bytes([192, 0, 2, 1, 127, 0, 0, 1])
    + (struct.pack("!HH", 567, 6666) + b"\x04\x00\x00")
)
LOCAL = b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"


class Greeter:
    """Greets, and sends each line back. `clients` has the clients of all connections."""

    def __init__(self):
        self.clients = []

    async def __call__(self, scope, receive, send):
        self.clients.append(scope["client"])
        await receive()
        await send({"type": "tcp.send", "data": GREETING})
        while (event := await receive())["type"] == "tcp.receive":
            await send({"type": "tcp.send", "data": event["data"]})


@pytest.fixture(autouse=True)
def patient_server(monkeypatch):
    """Wait for headers longer than any test takes, so that a slow machine is no late proxy."""
    monkeypatch.setattr(proxied, "HEADER_WITHIN", 2 * PATIENCE)


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request):
    """A function that runs a coroutine in an event loop of one kind."""
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield lambda coroutine: runner.run(asyncio.wait_for(coroutine, PATIENCE))


@asynccontextmanager
async def listening(protocol=ProxiedProtocol):
    """Gives a greeter that listens, and a function that connects to it."""
    greeter = Greeter()
    server = await tcp.serve(ClientAddress(greeter), HOST, 0, protocol)
    address = server.sockets[0].getsockname()

    async def connect(source=HOST):
        return await asyncio.open_connection(*address, local_addr=(source, 0))

    async with server:
        yield greeter, connect


@pytest.mark.parametrize(
    ("header", "client"),
    [
        (V1, ("192.0.2.1", 567)),
        (V2, ("192.0.2.1", 567)),
        (LOCAL, None),
        (b"PROXY UNKNOWN\r\n", None),
        (V1.replace(b"192.0.2.1", b"127.0.0.1"), None),
    ],
)
def test_the_header_of_a_trusted_proxy_names_the_client(run, header, client):
    async def scenario():
        async with listening() as (greeter, connect):
            for glued in (b"", b"look\n"):
                reader, writer = await connect()
                writer.write(header + glued)
                assert await reader.readexactly(len(GREETING)) == GREETING
                writer.write(b"say x\n")
                assert await reader.readexactly(len(glued) + 6) == glued + b"say x\n"
                writer.close()
            assert greeter.clients == [client] * 2

    run(scenario())


@pytest.mark.parametrize("header", [V1, V2])
def test_nothing_happens_until_the_whole_header_has_come(run, header):
    async def scenario():
        async with listening() as (greeter, connect):
            reader, writer = await connect()
            for byte in header:
                assert greeter.clients == []
                writer.write(bytes([byte]))
                await asyncio.sleep(0)
            assert await reader.readexactly(len(GREETING)) == GREETING
            assert greeter.clients == [("192.0.2.1", 567)]
            writer.close()

    run(scenario())


async def assert_closed_without_a_word(data):
    """Send the first data of a proxy, and expect that the connection ends without an answer."""
    async with listening() as (greeter, connect):
        reader, writer = await connect()
        writer.write(data)
        assert await reader.read() == b""
        assert greeter.clients == []


@pytest.mark.parametrize(
    "data", [b"login ann\n", b"GET / HTTP/1.1\r\n", V1[1:], b"\r\n\r\n\0\r\nX"]
)
def test_a_proxy_without_a_header_is_closed_without_a_word(run, data):
    run(assert_closed_without_a_word(data))


@pytest.mark.parametrize("data", [b"", V1[:-1], V2[:-1]])
def test_a_proxy_that_is_late_with_its_header_is_closed_without_a_word(run, monkeypatch, data):
    monkeypatch.setattr(proxied, "HEADER_WITHIN", 0.2)

    run(assert_closed_without_a_word(data))


def test_a_header_that_came_in_time_is_read_although_the_server_is_late(run, monkeypatch):
    monkeypatch.setattr(proxied, "HEADER_WITHIN", 0.2)

    async def scenario():
        async with listening() as (greeter, connect):
            reader, writer = await connect()
            await let_others_run()  # the server accepts the connection
            writer.write(V1)
            keep_the_processor(0.4)
            assert await reader.readexactly(len(GREETING)) == GREETING
            assert greeter.clients == [("192.0.2.1", 567)]
            writer.close()

    run(scenario())


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_proxy_that_gives_up_leaves_nothing_behind(run, end, caplog):
    async def scenario():
        async with listening() as (greeter, connect):
            reader, writer = await connect()
            writer.write(V1[:9])
            if end == "reset":
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            else:
                writer.write_eof()
                assert await reader.read() == b""
            writer.close()
            other, writer = await connect()  # its header comes after the end of the first
            writer.write(V1)
            assert await other.readexactly(len(GREETING)) == GREETING
            writer.close()
            assert len(greeter.clients) == 1

    run(scenario())
    assert not caplog.records


def test_others_are_served_without_a_header_and_cannot_claim_an_address(run):
    async def scenario():
        async with listening() as (greeter, connect):
            reader, writer = await connect(STRANGER)
            assert await reader.readexactly(len(GREETING)) == GREETING
            writer.write(V1)
            assert await reader.readexactly(len(V1)) == V1
            writer.close()
            ((address, _),) = greeter.clients
            assert address == STRANGER

    run(scenario())


def test_a_client_without_a_proxy_counts_by_its_own_address(run):
    async def scenario():
        async with listening(tcp.TcpProtocol) as (greeter, connect):
            for source in (STRANGER, HOST):
                reader, writer = await connect(source)
                assert await reader.readexactly(len(GREETING)) == GREETING
                writer.close()
            (address, _), of_proxy = greeter.clients
            assert (address, of_proxy) == (STRANGER, None)

    run(scenario())


def test_a_connection_that_was_reset_before_it_was_accepted_is_not_served_without_address(run):
    with socket.create_server((HOST, 0)) as sock:
        with socket.create_connection(sock.getsockname()) as client:
            client.sendall(b"login ann\nsay x\n")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        sock.setblocking(False)
        greeter = Greeter()

        async def scenario():
            async with await tcp.serve_on(greeter, sock):
                reader, writer = await asyncio.open_connection(*sock.getsockname())
                assert await reader.readexactly(len(GREETING)) == GREETING
                writer.close()

        run(scenario())
        assert all(greeter.clients)
