"""HTTP clients that are slow: to send a request, or to take the answer."""

import asyncio
import socket

import pytest
from websockets.asyncio.client import connect

from tests.support.http import CHUNKED, GET, Application, on_uvloop, post, serving
from tests.support.stalls import keep_the_processor
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.same_on_every_database

SOON = 0.2  # seconds; a deadline that a test waits for
IN_TIME = 3  # seconds; a deadline that one client misses and that another one keeps
MEGABYTE = 1 << 20


@on_uvloop
async def test_a_connection_without_a_request_is_closed():
    async with serving(head_seconds=SOON) as site:
        client = await site.connect()
        assert await client.until_closed() == b""


@pytest.mark.parametrize(
    "part",
    [GET[:-2], b"G", CHUNKED, CHUNKED + b"5\r\nhel", post(5), post(5) + b"hell"],
)
@on_uvloop
async def test_an_incomplete_request_is_answered_with_408(part):
    async with serving(head_seconds=SOON, body_seconds=SOON) as site:
        assert (await site.answer(part)).status == 408
        assert site.application.requests == []


@on_uvloop
async def test_a_request_that_came_in_time_is_answered_although_the_server_reads_it_late():
    async with serving(head_seconds=SOON) as site:
        with socket.create_connection(site.address) as client:
            await site.until(lambda: site.connections)
            client.sendall(GET)
            keep_the_processor(2 * SOON)
            client.setblocking(False)
            answer = await asyncio.get_running_loop().sock_recv(client, 1000)
            assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("start", [GET[:16], post(1000)])
@on_uvloop
async def test_a_deadline_is_not_extended_by_what_trickles_in(start):
    async with serving(head_seconds=SOON, body_seconds=SOON) as site:
        client = await site.connect()
        await client.send(start)
        answering = asyncio.create_task(client.response())
        while not answering.done():
            await client.send(b"x")
            await asyncio.sleep(SOON / 20)  # the pace of the client
        assert (await answering).status == 408


@on_uvloop
async def test_the_body_has_a_deadline_of_its_own():
    async with serving(head_seconds=IN_TIME) as site:
        client = await site.connect()
        await client.send(post(5))
        silent = await site.connect()
        await silent.until_closed()
        await client.send(b"hello")
        assert (await client.response()).body == b"5"


@on_uvloop
async def test_an_idle_connection_is_closed_after_it_has_served_several_requests():
    async with serving(idle_seconds=IN_TIME) as site:
        client = await site.connect()
        for _ in range(3):
            await client.send(GET)
            assert (await client.response()).status == 200
        assert await client.until_closed() == b""


@pytest.mark.parametrize("separately", [True, False])
@on_uvloop
async def test_half_of_a_second_request_has_the_time_of_a_first_one(separately):
    async with serving(head_seconds=IN_TIME, idle_seconds=60) as site:
        client = await site.connect()
        for data in (GET, GET[:20]) if separately else (GET + GET[:20],):
            await client.send(data)
        assert (await client.response()).status == 200
        assert (await client.response()).status == 408


@on_uvloop
async def test_an_application_may_take_longer_than_any_deadline_of_the_request():
    async with serving(head_seconds=IN_TIME, body_seconds=SOON, idle_seconds=SOON) as site:
        site.application.allowed.clear()
        client = await site.connect()
        await client.send(GET)
        silent = await site.connect()
        await silent.until_closed()
        site.application.allowed.set()
        assert (await client.response()).status == 200


@on_uvloop
async def test_a_websocket_is_not_subject_to_the_deadlines_of_http():
    async with serving(head_seconds=IN_TIME, idle_seconds=IN_TIME) as site:
        host, port = site.address
        async with connect(f"ws://{host}:{port}/", open_timeout=PATIENCE) as member:
            silent = await site.connect()
            await silent.until_closed()
            await member.send("hello")
            assert await member.recv() == "heard"


@on_uvloop
async def test_a_client_that_does_not_read_a_large_response_is_cut():
    async with serving(Application(large=50 * MEGABYTE), send_seconds=SOON) as site:
        client = await site.connect(limit=1024)
        await client.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await site.until(lambda: site.application.requests)
        await site.until(lambda: not site.connections)


@on_uvloop
async def test_a_client_that_reads_no_answer_to_any_of_many_requests_is_cut():
    async with serving(Application(large=MEGABYTE), send_seconds=SOON, idle_seconds=SOON) as site:
        client = await site.connect(limit=1024)
        await client.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        await site.until(lambda: site.application.requests)
        await site.until(lambda: not site.connections)
