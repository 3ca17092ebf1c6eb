"""The website under `manage.py serve`."""

import asyncio
import gzip
import http.client
import re
import socket
import urllib.request
from contextlib import closing

import brotli
import psutil
import pytest
from playwright.sync_api import expect

from tests.support.browser import chromium, message, say, sign_up
from tests.support.clients import handshake
from tests.support.delivery import web_members
from tests.support.ports import HOST
from tests.support.servers import Server
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server():
    with Server("serve") as server:
        yield server
        server.assert_no_traceback()


def fetch(url, **headers):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=PATIENCE)


@pytest.mark.same_on_every_database
def test_a_text_frame_that_is_not_utf8_closes_the_connection_without_a_traceback(server):
    async def scenario():
        (member,) = await asyncio.to_thread(web_members, server, 1, "garbler")
        await member.enter()
        await member.socket.send(b"\xff\xfe", text=True)
        assert (await member.until_closed())[0] == 1007

    asyncio.run(scenario())


@pytest.mark.same_on_every_database
@pytest.mark.parametrize(
    ("accepted", "used", "decompress"),
    [("gzip", "gzip", gzip.decompress), ("gzip, deflate, br", "br", brotli.decompress)],
)
def test_static_files_have_hashed_names_and_are_compressed_and_cached_for_ever(
    server, accepted, used, decompress
):
    page = fetch(f"{server.url}/accounts/login/").read().decode()
    path = re.search(r'href="(/static/chat/site\.[0-9a-f]{12}\.css)"', page)[1]
    with fetch(server.url + path, **{"Accept-Encoding": accepted}) as response:
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["Content-Encoding"] == used
        assert b"@layer" in decompress(response.read())


@pytest.mark.same_on_every_database
def test_the_room_works_in_a_browser_with_hashed_modules(server):
    with chromium() as browser:
        page = browser.new_context().new_page()
        requested = []
        page.on("request", lambda request: requested.append(request.url))
        sign_up(page, server, "hannah")
        say(page, "from a hashed module")
        expect(message(page, "from a hashed module")).to_be_visible()
        scripts = [url for url in requested if url.endswith(".js")]
        assert len(scripts) > 5
        assert all(re.search(r"\.[0-9a-f]{12}\.js$", url) for url in scripts)


def test_no_thread_is_left_when_connections_have_served_several_requests(server):
    process = psutil.Process(server.process.pid)
    fetch(f"{server.url}/accounts/login/")
    before = process.num_threads()
    request = f"GET /accounts/login/ HTTP/1.1\r\nHost: {HOST}\r\n"
    for _ in range(20):
        with socket.create_connection((HOST, server.web_port), PATIENCE) as client:
            client.sendall(f"{request}\r\n{request}Connection: close\r\n\r\n".encode())
            with client.makefile("rb") as answers:
                assert answers.read().count(b"HTTP/1.1 200") == 2
    wait_until(
        lambda: process.num_threads() < before + 10,
        lambda: f"{process.num_threads()} threads are left, where {before} were",
    )


@pytest.mark.same_on_every_database
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_large_body_is_refused_whatever_the_address(server, is_chunked):
    connection = http.client.HTTPConnection(HOST, server.web_port, timeout=PATIENCE)
    with closing(connection):
        pieces = (bytes(1 << 20) for _ in range(100))
        length = {} if is_chunked else {"Content-Length": str(100 << 20)}
        connection.request("POST", "/nope", pieces, length, encode_chunked=is_chunked)
        assert connection.getresponse().status == 413


@pytest.mark.same_on_every_database
def test_forwarded_headers_count_only_from_a_trusted_proxy():
    for proxies, scheme in (("127.0.0.1", "https"), ("10.9.9.9", "http")):
        with Server("serve", TRUSTED_PROXIES=proxies) as server:
            # A page on https may open the socket only if the site believes that it is on https.
            status = handshake(
                server,
                X_Forwarded_Proto="https",
                X_Forwarded_For="192.0.2.7",
                Origin=f"https://{HOST}:{server.web_port}",
            )
            assert status == (101 if scheme == "https" else 403)
