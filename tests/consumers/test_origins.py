"""The pages that may open the WebSocket, and the answers to malformed requests."""

from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.clients import handshake, run_journey


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:1",
        "http://localhost:{port}",
        "null",
        "http://[",
        "https://example.net",
        "http://chat.example.org",
    ],
)
def test_pages_of_other_sites_cannot_open_the_socket(server, members, origin):
    async def journey(alice):
        with pytest.raises(InvalidStatus) as refused:
            await alice.enter(origin=origin.format(port=server.web_port))
        assert refused.value.response.status_code in (400, 403)  # 400: Daphne cannot read it

    run_journey(journey(members(1)))


@pytest.mark.parametrize("origin", ["https://chat.example.org", "https://a.b.example.net"])
def test_pages_of_trusted_origins_can_open_the_socket(members, origin):
    async def journey(alice):
        assert (await alice.enter(origin=origin))["type"] == "welcome"
        await alice.leave()

    run_journey(journey(members(1)))


def test_a_client_without_an_origin_is_refused(server):
    assert handshake(server) == 403
    assert handshake(server, Origin=server.url) == 101


@pytest.mark.parametrize("name", ["Sec_WebSocket_Protocol", "Daphne_Root_Path"])
def test_malformed_headers_are_ignored(server, name):
    assert handshake(server, Origin=server.url, **{name: "%ff/\N{GRINNING FACE}"}) == 101


def test_a_page_on_a_host_that_is_not_allowed_is_refused(server):
    # DNS may say that any name is this address.
    host = f"evil.example:{server.web_port}"
    assert handshake(server, Host=host, Origin=f"http://{host}") == 403


def test_unknown_addresses_are_refused_without_a_traceback(server):
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{server.url}/static/../chatsite/settings.py")
    assert handshake(server, path="/ws/elsewhere/", Origin=server.url) == 403
