"""The legacy port behind the stream module of Debian's nginx, configured as documented."""

import asyncio
import socket
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from chat.servers import tcp
from chat.servers.clients import ClientAddress
from chat.servers.proxied import ProxiedProtocol
from chat.servers.sockets import listen_tcp
from tests.support.clients import TextMember
from tests.support.nginx import STREAM_MODULE, documented_block, running_nginx
from tests.support.ports import HOST, free_ports
from tests.support.servers import Server
from tests.support.services import missing
from tests.support.waiting import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

CLIENT = "127.0.0.9"
GREETING = b"Connect Success"


def nginx(folder, legacy_port):
    """Run nginx in front of a legacy port; gives the port for clients."""
    if not STREAM_MODULE.exists():
        missing("nginx's stream module")
    (port,) = free_ports(1)
    block = documented_block(
        1, {"listen 6666": f"listen {HOST}:{port}", "127.0.0.1:6667": f"{HOST}:{legacy_port}"}
    )
    return running_nginx(folder, port, f"load_module {STREAM_MODULE};\n{block}")


def test_nginx_names_its_clients(tmp_path):
    clients = []

    async def greet(scope, receive, send):
        clients.append(scope["client"])
        await send({"type": "tcp.send", "data": GREETING})

    async def scenario(sock, port):
        async with await tcp.serve_on(ClientAddress(greet), sock, ProxiedProtocol):
            reader, writer = await asyncio.open_connection(HOST, port, local_addr=(CLIENT, 0))
            assert await asyncio.wait_for(reader.read(), PATIENCE) == GREETING
            writer.close()
            return writer.get_extra_info("sockname")

    with listen_tcp(HOST, 0) as sock, nginx(tmp_path, sock.getsockname()[1]) as port:
        assert asyncio.run(scenario(sock, port)) in clients


async def visit_through(port):
    """Say something as two guests, of whom one leaves."""
    proxy = SimpleNamespace(legacy_address=(HOST, port))
    carol, dave = TextMember(proxy, "carol"), TextMember(proxy, "dave")
    for guest in (carol, dave):
        assert await guest.enter() == "Login Success"
    await carol.say("hello")
    await dave.until("carol: hello\n")
    carol.write("logout")
    await carol.until_closed()
    await dave.until("carol has left the room.\n")
    dave.writer.close()


@pytest.mark.parametrize("kind", ["serve", "runserver", "uvicorn"])
def test_guests_talk_through_nginx_and_nobody_else_speaks_for_it(tmp_path, kind):
    with (
        Server(kind, LEGACY_PROXY_PROTOCOL="on") as server,
        nginx(tmp_path, server.legacy_port) as port,
    ):
        asyncio.run(visit_through(port))
        with socket.create_connection(server.legacy_address, PATIENCE) as headless:
            headless.sendall(b"login eve\n")
            assert headless.recv(100) == b""
        with socket.create_connection(server.legacy_address, PATIENCE, (CLIENT, 0)) as direct:
            assert direct.recv(100) == GREETING
        server.assert_no_traceback()


def first_words(server, address):
    """Return a connection that a proxy opens for a client, and what the client is told first."""
    sock = socket.create_connection(server.legacy_address, PATIENCE)
    sock.sendall(f"PROXY TCP4 {address} {HOST} 5 6666\r\n".encode())
    return sock, sock.recv(100)


def test_limits_for_an_address_are_those_of_the_client_that_the_header_names():
    settings = {"LEGACY_PROXY_PROTOCOL": "on", "MAX_CONNECTIONS_PER_ADDRESS": "2"}
    addresses = ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"]
    with Server("serve", **settings) as server, ExitStack() as open_sockets:
        told = []
        for address in addresses:
            sock, words = first_words(server, address)
            open_sockets.enter_context(sock)
            told.append(words)
        assert told == [GREETING, GREETING, b"Server Full", GREETING]
