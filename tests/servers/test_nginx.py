"""Behind Debian's nginx, with the block that chatsite/README.md gives."""

import asyncio
import http.client
import re
import shutil
import ssl
import subprocess
from contextlib import contextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support.commands import PROJECT
from tests.support.delivery import web_members
from tests.support.guessing import begin_to_guess
from tests.support.ports import HOST, answers, free_ports
from tests.support.servers import Server
from tests.support.services import missing
from tests.support.waiting import wait_until

SITE = "chat.example.org"
# The certificate is of our own making; what is tested is behind it.
UNVERIFIED = ssl._create_unverified_context()


@contextmanager
def nginx(server, folder):
    """nginx with the block of chatsite/README.md before a server; the port of the website."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin") or missing("nginx")
    (port,) = free_ports(1)
    readme = (PROJECT / "chatsite" / "README.md").read_text()
    block = re.search(r"```nginx\n(.*?)```", readme, re.DOTALL)[1]
    for there, here in (
        ("listen 443 ssl;", f"listen {HOST}:{port} ssl;"),
        ("/etc/ssl/chat.example.org.crt", str(folder / "site.crt")),
        ("/etc/ssl/private/chat.example.org.key", str(folder / "site.key")),
        ("http://127.0.0.1:8000", server.url),
    ):
        assert there in block
        block = block.replace(there, here)
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off;\nuser root;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}{block}}}\n"
    )
    files = ["-keyout", folder / "site.key", "-out", folder / "site.crt"]
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            f"/CN={SITE}",
            *files,
        ],
        check=True,
        capture_output=True,
    )
    process = subprocess.Popen(
        [program, "-c", str(configuration), "-e", str(folder / "error.log")],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: answers(port), "nginx does not answer")
        yield port
    finally:
        process.terminate()
        process.wait(15)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with (
        Server("serve", ALLOWED_HOSTS=SITE, HTTPS="on") as server,
        nginx(server, tmp_path_factory.mktemp("nginx")) as port,
    ):
        yield server, port


def ask(port, method, path, source=HOST, body=None, **headers):
    """An answer of the site over TLS, to a client at an address of this host."""
    connection = http.client.HTTPSConnection(
        HOST, port, context=UNVERIFIED, source_address=(source, 0), timeout=15
    )
    connection.request(method, path, body, {"Host": f"{SITE}:{port}", **headers})
    answer = connection.getresponse()
    answer.text = answer.read().decode()
    connection.close()
    return answer


def test_pages_come_through_with_secure_cookies(site):
    _, port = site
    answer = ask(port, "GET", "/accounts/login/")
    assert answer.status == 200
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def sign_in(port, source):
    """The status of a wrong password from an address."""
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


def test_the_clients_address_is_the_clients(site):
    # Wrong passwords are counted by address: those of one client must not lock out another.
    _, port = site
    begin_to_guess(60)
    assert [sign_in(port, "127.0.0.7") for _ in range(11)][-2:] == [200, 429]
    assert sign_in(port, "127.0.0.8") == 200


async def talk(server, port, origin):
    (member,) = web_members(server, 1, f"n{len(origin)}x")
    async with connect(
        f"wss://{SITE}:{port}/ws/room/",
        host=HOST,
        port=port,
        ssl=UNVERIFIED,
        origin=origin,
        subprotocols=["chat.v1"],
        additional_headers={"Cookie": f"sessionid={member.session_key}"},
    ) as socket:
        return await asyncio.wait_for(socket.recv(), 15)


def test_the_socket_comes_through_for_pages_of_the_site_alone(site):
    server, port = site
    assert '"welcome"' in asyncio.run(talk(server, port, f"https://{SITE}:{port}"))
    for origin in (f"http://{SITE}:{port}", "https://evil.example", f"https://{SITE}"):
        with pytest.raises(InvalidStatus):
            asyncio.run(talk(server, port, origin))
