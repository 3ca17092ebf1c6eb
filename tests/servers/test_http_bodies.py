"""Bodies of HTTP requests: their limits, and refusals that reach clients that still send."""

import pytest

from chat.servers.http_limits import MAX_BODY
from tests.support.http import CHUNKED, chunk, on_uvloop, post, serving

pytestmark = pytest.mark.same_on_every_database

SOON = 0.2  # seconds; a deadline that a test waits for
MEGABYTE = 1 << 20


@on_uvloop
async def test_a_body_may_have_a_megabyte():
    async with serving() as site:
        body = bytes(MAX_BODY)
        assert (await site.answer(post(MAX_BODY) + body)).body == str(MAX_BODY).encode()
        pieces = b"".join(chunk(body[n : n + 8192]) for n in range(0, MAX_BODY, 8192))
        assert (await site.answer(CHUNKED + pieces + chunk(b""))).body == str(MAX_BODY).encode()


@pytest.mark.parametrize("length", [MAX_BODY + 1, 400 * MEGABYTE, 10**19])
@on_uvloop
async def test_a_declared_length_that_is_too_large_is_refused_before_the_body_comes(length):
    async with serving() as site:
        assert (await site.answer(post(length))).status == 413
        assert site.application.requests == []


@on_uvloop
async def test_a_body_in_chunks_is_refused_as_soon_as_it_is_too_large():
    async with serving() as site:
        assert (await site.answer(CHUNKED + chunk(bytes(MAX_BODY + 1)))).status == 413
        assert site.application.requests == []


@pytest.mark.parametrize("head", [post(400 * MEGABYTE), CHUNKED])
@on_uvloop
async def test_a_client_that_sends_everything_before_it_reads_gets_the_answer(head):
    async with serving() as site:
        client = await site.connect()
        await client.send(head)
        piece = bytes(MEGABYTE) if head is not CHUNKED else chunk(bytes(MEGABYTE))
        for _ in range(100):
            await client.send(piece)
        response = await client.response()
        assert response.status == 413
        assert "connection: close" in response.headers
        assert response.body == b"The body of the request is too large.\n"
        await client.until_closed()


@on_uvloop
async def test_a_refused_client_that_never_stops_sending_is_cut():
    async with serving(linger_seconds=SOON) as site:
        client = await site.connect()
        await client.send(post(10**12))
        with pytest.raises(ConnectionError):
            while True:
                await client.send(bytes(MEGABYTE))


@on_uvloop
async def test_a_refused_client_that_stays_silent_is_cut():
    async with serving(linger_seconds=SOON) as site:
        client = await site.connect()
        await client.send(post(10**12))
        await client.until_closed()
        await site.until(lambda: not site.connections)


@on_uvloop
async def test_a_client_that_asks_is_told_to_send_the_body():
    async with serving() as site:
        client = await site.connect()
        await client.send(post(5, more=b"Expect: 100-continue\r\n"))
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(b"hello")
        assert (await client.response()).body == b"5"
        refused = await site.answer(post(MAX_BODY + 1, more=b"Expect: 100-continue\r\n"))
        assert refused.status == 413


@on_uvloop
async def test_a_body_of_very_many_chunks_is_refused():
    async with serving(max_chunks=10) as site:
        assert (await site.answer(CHUNKED + chunk(b"x") * 10 + chunk(b""))).body == b"10"
        assert (await site.answer(CHUNKED + chunk(b"x") * 11)).status == 413


async def incomplete_body(site, *, declared, sent):
    """Return a client that has sent a part of a body, once the site waits for the rest."""
    client = await site.connect()
    await client.send(post(declared) + bytes(sent))
    await site.until(lambda: any(one.requests.awaits_body for one in site.connections))
    return client


@on_uvloop
async def test_the_memory_of_all_incomplete_bodies_together_is_bounded():
    async with serving(max_incomplete_bodies=1000, small_body=100) as site:
        first = await incomplete_body(site, declared=900, sent=800)
        refused = await site.answer(post(900) + bytes(800))
        assert refused.status == 503
        assert "retry-after: 5" in refused.headers
        await first.send(bytes(100))
        assert (await first.response()).body == b"900"
        assert (await site.answer(post(900) + bytes(900))).body == b"900"


@on_uvloop
async def test_small_bodies_are_accepted_whatever_large_ones_others_send():
    async with serving(max_incomplete_bodies=1000, small_body=100) as site:
        hostile = await incomplete_body(site, declared=1001, sent=1000)
        assert (await site.answer(post(100) + bytes(100))).body == b"100"
        assert not hostile.writer.is_closing()


@on_uvloop
async def test_a_lost_connection_gives_the_memory_of_its_body_back():
    async with serving(max_incomplete_bodies=1000, small_body=100) as site:
        client = await incomplete_body(site, declared=900, sent=800)
        client.writer.transport.abort()
        await site.until(lambda: not site.connections)
        assert (await site.answer(post(900) + bytes(900))).body == b"900"
