"""The website under `manage.py serve`."""

import asyncio
import gzip
import re
import urllib.request

import brotli
import pytest
from playwright.sync_api import expect

from tests.support.browser import chromium, message, say, sign_up
from tests.support.clients import handshake
from tests.support.delivery import web_members
from tests.support.ports import HOST
from tests.support.servers import Server
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server():
    with Server("serve") as server:
        yield server
        server.assert_no_traceback()


def fetch(url, **headers):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=PATIENCE)


def test_a_text_frame_that_is_not_utf8_closes_the_connection_without_a_traceback(server):
    async def scenario():
        (member,) = await asyncio.to_thread(web_members, server, 1, "garbler")
        await member.enter()
        await member.socket.send(b"\xff\xfe", text=True)
        assert (await member.until_closed())[0] == 1007

    asyncio.run(scenario())


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


def test_a_running_server_reports_that_it_is_ready(server):
    assert fetch(f"{server.url}/ready/").status == 200


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
