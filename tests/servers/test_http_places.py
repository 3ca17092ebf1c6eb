"""The places of HTTP connections: those that wait for their client keep out nobody."""

from contextlib import suppress

import pytest
from websockets.asyncio.client import connect

from chat.live.open_sockets import OpenSockets, SocketKind
from tests.support.http import GET, Application, on_uvloop, post, serving
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.same_on_every_database

HOSTILE, CALM = ("127.0.0.2", 0), ("127.0.0.3", 0)
CAPACITY = 48  # descriptors for sockets, of which HTTP gets 6
PLACES = 6


@pytest.fixture
def open_sockets(settings):
    settings.TRUSTED_PROXIES = []
    settings.MAX_WEB_CONNECTIONS = settings.MAX_LEGACY_CONNECTIONS = 0
    sockets = OpenSockets(CAPACITY)
    assert sockets.limits[SocketKind.HTTP] == PLACES
    return sockets


def used(open_sockets):
    return open_sockets.open_by_kind[SocketKind.HTTP]


@pytest.mark.parametrize("sent", [b"", GET[:20], post(5), post(10**12), GET])
@on_uvloop
async def test_connections_that_wait_for_their_client_give_way_to_new_ones(
    open_sockets, settings, sent
):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]  # an address without a limit of its own
    async with serving(open_sockets=open_sockets) as site:
        waiting = [await site.connect() for _ in range(PLACES)]
        for client in waiting:
            await client.send(sent)
        for _ in range(PLACES):
            assert (await site.answer(GET)).status == 200
        for client in waiting:
            with suppress(ConnectionError):
                await client.until_closed()
        assert used(open_sockets) <= PLACES


@on_uvloop
async def test_a_client_that_does_not_read_gives_way(open_sockets, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    async with serving(Application(large=50 << 20), open_sockets=open_sockets) as site:
        for number in range(PLACES):
            client = await site.connect(limit=1024)
            await client.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await site.until(lambda count=number + 1: len(site.application.requests) == count)
        client = await site.connect()
        await site.until(lambda: used(open_sockets) == PLACES)
        await client.send(GET)
        assert (await client.response()).status == 200


@on_uvloop
async def test_a_connection_is_refused_while_all_places_are_at_work(open_sockets, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    async with serving(open_sockets=open_sockets) as site:
        site.application.allowed.clear()
        working = [await site.connect() for _ in range(PLACES)]
        for client in working:
            await client.send(GET)
        await site.until(lambda: len(site.application.requests) == PLACES)
        refused = await site.connect()
        assert (await refused.response()).status == 503
        assert await refused.until_closed() == b""
        site.application.allowed.set()
        for client in working:
            assert (await client.response()).status == 200
        assert (await site.answer(GET)).status == 200


@on_uvloop
async def test_the_connections_of_the_address_that_has_most_give_way_first(open_sockets):
    async with serving(open_sockets=open_sockets) as site:
        calm = await site.connect(local_addr=CALM)
        await calm.send(GET)
        assert (await calm.response()).status == 200
        for _ in range(3 * PLACES):
            await site.connect(local_addr=HOSTILE)
        await calm.send(GET)
        assert (await calm.response()).status == 200


@on_uvloop
async def test_an_address_that_is_at_work_leaves_half_of_the_places_to_others(open_sockets):
    async with serving(open_sockets=open_sockets) as site:
        site.application.allowed.clear()
        for _ in range(PLACES // 2):
            await (await site.connect(local_addr=HOSTILE)).send(GET)
        await site.until(lambda: len(site.application.requests) == PLACES // 2)
        refused = await site.connect(local_addr=HOSTILE)
        assert (await refused.response()).status == 503
        calm = await site.connect(local_addr=CALM)
        await calm.send(GET)
        site.application.allowed.set()
        assert (await calm.response()).status == 200


@on_uvloop
async def test_an_address_has_a_limit_of_its_own(open_sockets, settings):
    settings.MAX_CONNECTIONS_PER_ADDRESS = 2
    async with serving(open_sockets=open_sockets) as site:
        site.application.allowed.clear()
        working = [await site.connect(local_addr=HOSTILE) for _ in range(2)]
        for client in working:
            await client.send(GET)
        await site.until(lambda: len(site.application.requests) == 2)
        assert (await (await site.connect(local_addr=HOSTILE)).response()).status == 503
        site.application.allowed.set()
        for client in working:
            assert (await client.response()).status == 200
        for _ in range(5):  # the idle ones give way
            client = await site.connect(local_addr=HOSTILE)
            await client.send(GET)
            assert (await client.response()).status == 200
        assert used(open_sockets) == 2


@on_uvloop
async def test_a_place_is_given_back_when_the_connection_ends(open_sockets):
    async with serving(open_sockets=open_sockets) as site:
        clients = [await site.connect() for _ in range(3)]
        await clients[0].send(GET)
        assert (await clients[0].response()).status == 200
        await clients[1].send(b"\0")
        assert (await clients[1].response()).status == 400
        assert used(open_sockets) == 3
        for client in clients:
            client.writer.transport.abort()
        await site.until(lambda: used(open_sockets) == 0)
        assert open_sockets.by_address == {}


@on_uvloop
async def test_a_websocket_has_no_place_of_an_http_connection(open_sockets):
    async with serving(open_sockets=open_sockets) as site:
        host, port = site.address
        async with connect(f"ws://{host}:{port}/", open_timeout=PATIENCE) as member:
            await member.send("hello")
            assert await member.recv() == "heard"
            assert used(open_sockets) == 0
