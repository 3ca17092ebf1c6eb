"""The site behind Debian's nginx, configured as in chatsite/PRODUCTION.md."""

import asyncio
import http.client
import re
import ssl
import subprocess
from contextlib import contextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support.delivery import web_members
from tests.support.guessing import begin_to_guess
from tests.support.nginx import documented_block, running_nginx
from tests.support.ports import HOST, free_ports
from tests.support.servers import Server
from tests.support.waiting import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

SITE = "chat.example.org"
# The certificate is self-signed; the tests are about what is behind it.
UNVERIFIED = ssl.create_default_context()
UNVERIFIED.check_hostname = False
UNVERIFIED.verify_mode = ssl.CERT_NONE


@contextmanager
def nginx(server, folder):
    """Run nginx in front of a server, with the block of chatsite/PRODUCTION.md; gives its port."""
    (port,) = free_ports(1)
    make_certificate(folder)
    with running_nginx(folder, port, configuration(server, folder, port)):
        yield port


def make_certificate(folder):
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={SITE}"),
            *("-keyout", folder / "site.key", "-out", folder / "site.crt"),
        ],
        check=True,
        capture_output=True,
    )


def configuration(server, folder, port):
    block = documented_block(
        0,
        {
            "listen 443 ssl;": f"listen {HOST}:{port} ssl;",
            "/etc/ssl/chat.example.org.crt": str(folder / "site.crt"),
            "/etc/ssl/private/chat.example.org.key": str(folder / "site.key"),
            "http://127.0.0.1:8000": server.url,
        },
    )
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"http {{\naccess_log off;\n{paths}{block}}}"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with (
        Server("serve", ALLOWED_HOSTS=SITE, HTTPS="on") as server,
        nginx(server, tmp_path_factory.mktemp("nginx")) as port,
    ):
        yield server, port


def ask(port, method, path, source=HOST, body=None, **headers):
    """Return the site's response over TLS to a client at an address of this machine."""
    connection = http.client.HTTPSConnection(
        HOST, port, context=UNVERIFIED, source_address=(source, 0), timeout=PATIENCE
    )
    connection.request(method, path, body, {"Host": f"{SITE}:{port}", **headers})
    response = connection.getresponse()
    response.text = response.read().decode()
    connection.close()
    return response


def test_pages_have_secure_cookies_and_strict_transport_security(site):
    _, port = site
    response = ask(port, "GET", "/accounts/login/")
    assert response.status == 200
    assert "Secure" in response.headers["Set-Cookie"]
    assert "max-age" in response.headers["Strict-Transport-Security"]


def guess_password(port, source):
    """Return the status of signing in with a wrong password from an address."""
    page = ask(port, "GET", "/accounts/login/", source)
    cookie = re.search(r"csrftoken=(\w+)", page.headers["Set-Cookie"])[1]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    return ask(
        port,
        "POST",
        "/accounts/login/",
        source,
        f"csrfmiddlewaretoken={token}&username=nobody&password=wrong",
        Cookie=f"csrftoken={cookie}",
        Referer=f"https://{SITE}:{port}/accounts/login/",
        **{"Content-Type": "application/x-www-form-urlencoded"},
    ).status


def test_password_guesses_are_counted_by_the_address_of_the_client(site):
    _, port = site
    begin_to_guess(60)
    assert [guess_password(port, "127.0.0.7") for _ in range(11)][-2:] == [200, 429]
    assert guess_password(port, "127.0.0.8") == 200


async def first_frame(server, port, origin):
    """Return the first frame for a signed-in member whose page has an origin."""
    (member,) = web_members(server, 1, f"n{len(origin)}x")
    async with connect(
        f"wss://{SITE}:{port}/ws/room/",
        host=HOST,
        port=port,
        ssl=UNVERIFIED,
        origin=origin,
        subprotocols=["chat.v1"],
        additional_headers={"Cookie": f"sessionid={member.session_key}"},
        open_timeout=PATIENCE,
    ) as socket:
        return await asyncio.wait_for(socket.recv(), PATIENCE)


def test_only_pages_of_the_site_can_open_the_websocket(site):
    server, port = site
    assert '"welcome"' in asyncio.run(first_frame(server, port, f"https://{SITE}:{port}"))
    for origin in (f"http://{SITE}:{port}", "https://evil.example", f"https://{SITE}"):
        with pytest.raises(InvalidStatus):
            asyncio.run(first_frame(server, port, origin))
