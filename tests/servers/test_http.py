"""HTTP connections: pipelined requests, WebSockets, and the ends of connections."""

import asyncio
import contextlib
import socket

import pytest
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from tests.support.http import CHUNKED, GET, on_uvloop, post, serving

pytestmark = pytest.mark.same_on_every_database

MEGABYTE = 1 << 20


@on_uvloop
async def test_pipelined_requests_are_answered_in_their_order():
    async with serving() as site:
        client = await site.connect()
        await client.send(b"".join(post(n) + b"x" * n for n in range(1, 50)))
        assert [int((await client.response()).body) for _ in range(1, 50)] == [*range(1, 50)]


@on_uvloop
async def test_reading_stops_while_requests_wait_and_none_is_lost():
    async with serving() as site:
        site.application.allowed.clear()
        client = await site.connect()
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
        sending = asyncio.create_task(client.send(GET * 300_000))  # 11 MB
        await site.until(lambda: site.application.requests)
        size = await until_still(client)
        assert size > 5 * MEGABYTE
        assert not sending.done()
        assert len(site.application.requests) == 1
        site.application.allowed.set()
        for _ in range(100):
            assert (await client.response()).status == 200
        await site.until(lambda: client.writer.transport.get_write_buffer_size() < size)
        sending.cancel()


async def until_still(client):
    """Wait until the client can send nothing more, and return the bytes that it could not send."""
    sizes = [None]
    while sizes[-1] != (size := client.writer.transport.get_write_buffer_size()):
        sizes.append(size)
        await asyncio.sleep(0.1)  # a server that reads would take megabytes meanwhile
    return size


@on_uvloop
async def test_a_client_that_closes_its_side_after_the_request_gets_the_answer():
    async with serving() as site:
        site.application.allowed.clear()
        client = await site.connect()
        await client.send(GET)
        await site.until(lambda: site.application.requests)
        client.writer.write_eof()
        other = await site.connect()  # its request arrives after the end of the first
        await other.send(GET)
        await site.until(lambda: len(site.application.requests) == 2)
        site.application.allowed.set()
        assert (await client.response()).status == 200
        assert await client.until_closed() == b""


@pytest.mark.parametrize(
    "data", [b"", GET[:20], post(5), post(5) + b"he", CHUNKED + b"5\r\n", b"\0", GET]
)
@on_uvloop
async def test_the_server_stops_in_every_phase_of_a_connection(data, capfd):
    async with serving() as site:
        client = await site.connect()
        await client.send(data)
        other = await site.connect()  # what the first has sent was handled before its answer
        await other.send(GET)
        await other.response()
        site.worker.should_exit = True
        await client.until_closed()
    assert capfd.readouterr().err == ""


def test_uvicorn_has_the_undocumented_attributes_that_we_use():
    config = uvicorn.Config(lambda scope: None)
    config.load()
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        original = H11Protocol(config, ServerState(), {}, loop)
    used = {"conn", "logger", "loop", "transport", "flow", "cycle", "server_state"}
    assert used <= vars(original).keys()
    overridden = {"handle_events", "handle_websocket_upgrade", "on_response_complete", "shutdown"}
    overridden |= {"send_400_response", "pause_writing", "resume_writing", "connection_lost"}
    assert overridden <= vars(H11Protocol).keys()
