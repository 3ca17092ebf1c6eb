"""The address and the scheme of a client behind a proxy, and the headers that anybody may send."""

import asyncio
from functools import partial

import pytest
import uvloop

from chat.servers import clients
from chat.servers.sockets import listen_tcp, listen_unix
from tests.support.asgi import Mirror, bare_uvicorn, request_and_reset, running, seen, site_worker
from tests.support.ports import HOST

pytestmark = pytest.mark.same_on_every_database

STRANGER = "127.0.0.9"  # an address of this machine that is no trusted proxy
FOR, PROTO = "X-Forwarded-For", "X-Forwarded-Proto"
APPENDED = (FOR, "198.51.100.9, 192.0.2.1")
BARE = partial(bare_uvicorn, proxy_headers=False)


@pytest.fixture(params=["TCP", "Unix"])
def sock(request, tmp_path):
    made = listen_tcp(HOST, 0) if request.param == "TCP" else listen_unix(str(tmp_path / "socket"))
    with made:
        yield made


@pytest.fixture
def tcp_socket():
    with listen_tcp(HOST, 0) as made:
        yield made


@pytest.mark.parametrize("upgrade", [False, True], ids=["HTTP", "WebSocket"])
@pytest.mark.parametrize("make_server", [site_worker, BARE], ids=["serve", "uvicorn"])
def test_a_proxy_that_appends_names_its_client_last(sock, make_server, upgrade):
    async def scenario():
        async with running(sock, make_server):
            ask = partial(seen, sock, upgrade=upgrade)
            scheme = "ws" if upgrade else "http"
            assert await ask(APPENDED) == [["192.0.2.1", 0], scheme]
            assert await ask((FOR, "198.51.100.9"), (FOR, "192.0.2.1:567")) == [
                ["192.0.2.1", 567],
                scheme,
            ]
            assert await ask((FOR, "198.51.100.9, unknown")) == [None, scheme]
            assert await ask() == [None, scheme]
            assert await ask(APPENDED, (PROTO, "https")) == [["192.0.2.1", 0], f"{scheme}s"]
            assert await ask(APPENDED, (PROTO, "https, http")) == [["192.0.2.1", 0], scheme]
            assert await ask(APPENDED, ("Forwarded", "for=198.51.100.9;proto=https")) == [
                ["192.0.2.1", 0],
                scheme,
            ]

    asyncio.run(scenario())


@pytest.mark.parametrize("upgrade", [False, True], ids=["HTTP", "WebSocket"])
@pytest.mark.parametrize("make_server", [site_worker, BARE], ids=["serve", "uvicorn"])
def test_a_client_that_is_no_proxy_cannot_claim_an_address(tcp_socket, make_server, upgrade):
    async def scenario():
        async with running(tcp_socket, make_server):
            ask = partial(seen, tcp_socket, source=STRANGER, upgrade=upgrade)
            for lines in ([APPENDED], [("Forwarded", "for=192.0.2.1")], [(FOR, "unknown")], []):
                client, scheme = await ask(*lines, (PROTO, "https"))
                assert client[0] == STRANGER
                assert client[1] > 0
                assert scheme == ("ws" if upgrade else "http")

    asyncio.run(scenario())


def test_uvicorn_that_reads_the_headers_itself_gives_the_same_client(tcp_socket):
    """Its default, for a proxy on the same machine."""

    async def scenario():
        async with running(tcp_socket, bare_uvicorn):
            assert await seen(tcp_socket, APPENDED, (PROTO, "https")) == [["192.0.2.1", 0], "https"]
            (address, _), _ = await seen(tcp_socket, APPENDED, source=STRANGER)
            assert address == STRANGER

    asyncio.run(scenario())


def test_trusted_proxies_are_those_of_the_setting(tcp_socket, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.8/31"]

    async def scenario():
        async with running(tcp_socket):
            assert (await seen(tcp_socket, APPENDED, source=STRANGER))[0] == ["192.0.2.1", 0]
            assert (await seen(tcp_socket, APPENDED))[0][0] == HOST

    asyncio.run(scenario())


@pytest.mark.parametrize("upgrade", [False, True], ids=["HTTP", "WebSocket"])
@pytest.mark.parametrize("make_server", [site_worker, BARE], ids=["serve", "uvicorn"])
@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_request_whose_sender_has_gone_is_not_served_under_an_invented_address(
    tcp_socket, make_server, new_loop, upgrade
):
    """The kernel does not tell the peer of a connection that was reset before it was accepted."""
    request_and_reset(tcp_socket, APPENDED, upgrade=upgrade)

    async def scenario():
        async with running(tcp_socket, make_server) as mirror:
            await seen(tcp_socket, ("X-Last", "yes"))  # the connection before it was accepted first
            return [dict(scope["headers"]).get(b"x-forwarded-for") for scope in mirror.scopes]

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(scenario()) == [None]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_operator_is_told_once_when_a_proxy_is_not_trusted(settings, caplog, scheme):
    settings.HTTPS = True
    caplog.set_level("WARNING", clients.logger.name)
    application = clients.ClientAddress(Mirror())

    async def send(event):
        pass

    def ask():
        scope = {
            "type": "http",
            "scheme": scheme,
            "client": ("172.18.0.2", 5),
            "server": (HOST, 8000),
            "headers": [(b"x-forwarded-proto", b"https")],
        }
        asyncio.run(application(scope, None, send))

    ask()
    ask()
    warned = [record.getMessage() for record in caplog.records]
    assert len(warned) == (1 if scheme == "http" else 0)
    assert all("172.18.0.2" in text and "TRUSTED_PROXIES" in text for text in warned)
