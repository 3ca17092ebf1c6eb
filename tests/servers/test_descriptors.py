"""File descriptors of `manage.py serve`: silent connections take none that others need."""

import asyncio
import re
import socket
import urllib.request
from contextlib import ExitStack

import pytest

from tests.support.clients import run_journey
from tests.support.delivery import web_members
from tests.support.health import wait_until_ready
from tests.support.ports import HOST
from tests.support.servers import Server
from tests.support.waiting import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

LIMIT = 100  # descriptors
CONNECTIONS = 150  # silent ones at each door


def fetch(url):
    return urllib.request.urlopen(url, timeout=PATIENCE).read().decode()


def assert_pages_are_served(server):
    assert fetch(f"{server.url}/health/live") == "live\n"
    wait_until_ready(server)
    page = fetch(f"{server.url}/accounts/login/")
    style = re.search(r'href="(/static/chat/site\.[0-9a-f]{12}\.css)"', page)[1]
    assert "@layer" in fetch(server.url + style)


async def be_flooded(server):
    """Let silent connections come; members talk, and somebody new comes in."""
    inside, newcomer = await asyncio.to_thread(web_members, server, 2, "calm")
    await inside.enter()
    with ExitStack() as stack:
        for port in [server.web_port, server.legacy_port] * CONNECTIONS:
            client = stack.enter_context(socket.socket())
            client.settimeout(PATIENCE)
            client.connect((HOST, port))
        await asyncio.to_thread(assert_pages_are_served, server)
        await inside.say("still here")
        await newcomer.enter()
        await newcomer.say("new here")
        await inside.until_said("new here")


def test_silent_connections_leave_descriptors_to_members_and_pages():
    with Server("serve", nofile=LIMIT) as server:
        run_journey(be_flooded(server))
        server.assert_no_traceback()
        assert "Too many open files" not in server.output
