"""HTTP requests that make no sense, or that two servers could understand differently."""

import pytest

from chat.servers.http_limits import MAX_BODY
from tests.support.http import CHUNKED, GET, headers, on_uvloop, serving

pytestmark = pytest.mark.same_on_every_database

UPGRADE = ("Upgrade: websocket", "Connection: Upgrade")
BOTH_LENGTHS = ("Content-Length: 5", "Transfer-Encoding: chunked")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (headers(*BOTH_LENGTHS, method="POST"), 400),
        (headers(*reversed(BOTH_LENGTHS), method="POST"), 400),
        (headers(*BOTH_LENGTHS, method="HEAD"), 400),
        (headers("Transfer-Encoding: chunked", method="POST", version="1.0"), 400),
        (headers("Transfer-Encoding: chunked, identity", method="POST"), 501),
        (headers("Transfer-Encoding: gzip, chunked", method="POST"), 501),
        (headers(*["Transfer-Encoding: chunked"] * 2, method="POST"), 501),
        (headers("Transfer-Encoding : chunked", method="POST"), 400),
        (headers("Transfer-Encoding: \x0bchunked", method="POST"), 400),
        (headers("Content-Length: 5", "Content-Length: 6", method="POST"), 400),
        (headers("Content-Length: 5, 6", method="POST"), 400),
        *((headers(f"Content-Length: {text}"), 400) for text in ("-1", "+5", "0x5", "", "5.0")),
        (headers("Content-Length: " + "9" * 21), 400),
        (CHUNKED + b"-1\r\n", 400),
        (CHUNKED + b"0x5\r\nhello\r\n", 400),
        (CHUNKED + b"5\nhello\r\n", 400),
        (CHUNKED + b"5\r\nhelloworld\r\n", 400),
        (CHUNKED + b"f" * 20 + b"\r\n" + bytes(2 * MAX_BODY), 413),
        (CHUNKED + b"f" * 21 + b"\r\n", 400),
        (CHUNKED + b"5;" + b"x" * 40_000, 431),
        (headers("Host: other"), 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (headers("\xffname: value"), 400),
        (headers("na\0me: value"), 400),
        (headers("name: val\0ue"), 400),
        (headers("na me: value"), 400),
        (headers(": value"), 400),
        (headers(*[f"X-{number}: x" for number in range(100)]), 431),
        (headers(*["a:"] * 50_000), 431),
        (headers("X: " + "x" * 40_000), 431),
        (b"GET /" + b"x" * 40_000, 431),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), 400),
        (b"login ann\r\n\r\n", 400),
        (b"\0" * 1000, 400),
        (b"\r\n\r\n", 400),
        (headers(*UPGRADE, "Content-Length: 5"), 400),
        # The WebSocket library allows less than the HTTP server.
        (headers(*UPGRADE, "User-Agent: Fire\x01fox"), 400),
        (headers(*UPGRADE, "User-Agent: Fire\x7ffox"), 400),
        (headers(*UPGRADE, "Sec-WebSocket-Protocol: chat\x02v1"), 400),
        (headers(*UPGRADE, "Cookie: " + "x" * 9_000), 400),
        (b"GET /?" + b"x" * 9_000 + headers(*UPGRADE)[5:], 400),
    ],
)
@on_uvloop
async def test_a_request_that_makes_no_sense_is_refused_and_nothing_is_logged(
    request_bytes, status, capfd
):
    async with serving() as site:
        client = await site.connect()
        await client.send(request_bytes)
        response = await client.response()
        assert (response.status, site.application.requests) == (status, [])
        assert response.body
        assert await client.until_closed() == b""
    assert capfd.readouterr().err == ""


@on_uvloop
async def test_a_refusal_ends_the_requests_behind_it():
    async with serving() as site:
        client = await site.connect()
        await client.send(GET + headers(*BOTH_LENGTHS, method="POST") + GET)
        assert (await client.response()).status == 200
        assert (await client.response()).status == 400
        assert await client.until_closed() == b""
        assert len(site.application.requests) == 1


@on_uvloop
async def test_a_request_may_have_a_hundred_headers():
    async with serving() as site:
        request = headers(*[f"X-{number}: x" for number in range(99)])
        assert (await site.answer(request)).status == 200


@on_uvloop
async def test_an_unknown_upgrade_is_ignored(capfd):
    async with serving() as site:
        request = headers("Upgrade: h2c", "Connection: Upgrade", "Content-Length: 2", method="POST")
        assert (await site.answer(request + b"ab")).body == b"2"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("last", [b"GET / HTTP/1.0\r\n\r\n", headers("Connection: close")])
@on_uvloop
async def test_what_follows_a_last_request_is_ignored(last, capfd):
    async with serving() as site:
        site.application.allowed.clear()
        client = await site.connect()
        await client.send(last)
        await site.until(lambda: site.application.requests)
        await client.send(GET * 10)
        other = await site.connect()  # its request is handled after those of the first
        await other.send(GET)
        await site.until(lambda: len(site.application.requests) == 2)
        site.application.allowed.set()
        assert (await client.until_closed()).startswith(b"HTTP/1.1 200")
        assert len(site.application.requests) == 2
    assert capfd.readouterr().err == ""
