"""The addresses and warnings that `manage.py serve` prints when it starts."""

import asyncio
import re
import urllib.request

import pytest

from tests.support.clients import run_journey
from tests.support.delivery import web_members
from tests.support.servers import Server
from tests.support.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]


class BoundServer(Server):
    """`serve` with another address of the website."""

    def __init__(self, address):
        super().__init__("serve", ALLOWED_HOSTS="[::1],127.0.0.1,localhost")
        self.address = address

    def arguments(self):
        doors = ["--bind", f"{self.address}:{self.web_port}", "--legacy-bind", "off"]
        return ["manage.py", "serve", *doors]

    def await_ports(self):
        wait_until(self.is_open, lambda: f"the website does not answer:\n{self.output}")

    def is_open(self):
        assert self.is_alive, self.output
        try:
            return urllib.request.urlopen(self.printed_url(), timeout=PATIENCE).status == 200
        except OSError:
            return False

    def printed_url(self):
        printed = re.search(r"^The website: +(\S+)$", self.output, re.MULTILINE)
        return printed[1] if printed else "http://nowhere.invalid/"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("[::1]", "[::1]"),
        ("[::]", "[::1]"),
        ("0.0.0.0", "127.0.0.1"),
        ("localhost", "localhost"),
    ],
)
def test_serve_prints_a_url_that_works(address, host):
    with BoundServer(address) as server:
        assert server.printed_url() == f"http://{host}:{server.web_port}/"


def test_serve_works_with_64_descriptors_and_warns():
    async def scenario(server):
        (member,) = await asyncio.to_thread(web_members, server, 1, "frugal")
        await member.enter()
        await member.say("a word on a small server")
        await member.leave()

    with Server("serve", nofile=64) as server:
        assert "may open only 64 files" in server.output
        assert "raise LimitNOFILE" in server.output
        assert urllib.request.urlopen(f"{server.url}/accounts/login/").status == 200
        run_journey(scenario(server))
        server.assert_no_traceback()


def test_serve_does_not_warn_of_a_usual_limit():
    with Server("serve", nofile=1024) as server:
        assert "files" not in server.output
