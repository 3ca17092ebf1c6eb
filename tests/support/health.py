"""The addresses of health of a server, asked as a load balancer asks them."""

import http.client
from contextlib import closing

from tests.support.ports import HOST
from tests.support.waiting import PATIENCE, wait_until

READY = "/health/ready"


def ask(server, path=READY, method="GET", timeout=PATIENCE, **headers):
    """Return (response, text) of one request on a connection of its own."""
    with closing(http.client.HTTPConnection(HOST, server.web_port, timeout=timeout)) as client:
        client.request(method, path, headers=headers)
        response = client.getresponse()
        return response, response.read().decode()


def readiness(server):
    """Return (status, text) of a server's readiness."""
    response, text = ask(server)
    return response.status, text


def wait_until_ready(server, patience=PATIENCE):
    wait_until(
        lambda: readiness(server) == (200, "ready\n"), lambda: f"{readiness(server)}", patience
    )


def wait_until_wrong(server, part, patience=PATIENCE):
    """Wait until a server says that one of its parts is wrong."""

    def is_wrong():
        status, text = readiness(server)
        return status == 503 and f"\n{part}: " in text

    wait_until(is_wrong, lambda: f"nothing is wrong with {part}: {readiness(server)}", patience)
