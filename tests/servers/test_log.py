"""The log of a server: what strangers can do to it, and what it says about the database."""

import http.client
import json
import re
import socket
from contextlib import closing

import pytest

from tests.support.clients import handshake
from tests.support.health import ask, wait_until_ready, wait_until_wrong
from tests.support.ports import HOST
from tests.support.servers import Server
from tests.support.services import PostgreSQL
from tests.support.waiting import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

REQUESTS = 1000  # of one attack
MOST_LOGGED = 10_000  # bytes that one attack may add to the log
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ \d+ \S+ \[[^]]+\] .*|  \| .*")
PASSWORD = "n0t-t0-be-sh0wn"


@pytest.fixture(scope="module")
def server():
    with Server("serve") as server:
        yield server


def send(client, method, path, **headers):
    """Send a request on a connection that is kept, or on a new one where the server closed it.

    It closes connections that are idle for some seconds.
    """
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        client.request(method, path, headers=headers)
        response = client.getresponse()
    except ConnectionError:
        client.close()
        client.request(method, path, headers=headers)
        response = client.getresponse()
    response.read()


def ask_for_bad_hosts(server, client, number):
    send(client, "GET", "/", Host=f"bad{number}.example", X_Forwarded_For="192.0.2.7")


def ask_for_pages_that_do_not_exist(server, client, number):
    send(client, "GET", f"/nothing/{number}/%0a%1b")


def send_forms_without_a_token(server, client, number):
    send(client, "POST", f"/accounts/login/?{number}")


def open_sockets_from_elsewhere(server, client, number):
    assert handshake(server, Origin=f"https://evil{number}.example") == 403


def open_sockets_nowhere(server, client, number):
    head = f"GET /ws/{number}/ HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: nothing\r\nConnection: upgrade"
    exchange(server, f"{head}\r\n\r\n".encode())


def send_what_is_not_http(server, client, number):
    exchange(server, b"%d \x1b[2J\r\n\r\n" % number)


def exchange(server, data):
    with closing(socket.create_connection((HOST, server.web_port), PATIENCE)) as stranger:
        stranger.sendall(data)
        stranger.recv(1000)


@pytest.mark.parametrize(
    ("attack", "count"),
    [
        (ask_for_bad_hosts, REQUESTS),
        (ask_for_pages_that_do_not_exist, REQUESTS),
        (send_forms_without_a_token, REQUESTS),
        (open_sockets_from_elsewhere, REQUESTS // 4),
        (open_sockets_nowhere, REQUESTS // 4),
        (send_what_is_not_http, REQUESTS // 4),
    ],
)
def test_strangers_cannot_fill_the_disk_with_lines(server, attack, count):
    before = len(server.output)
    with closing(http.client.HTTPConnection(HOST, server.web_port, timeout=PATIENCE)) as client:
        for number in range(count):
            attack(server, client, number)
    logged = server.output[before:]
    assert len(logged) < MOST_LOGGED, logged[:2000]
    for line in logged.splitlines():
        assert LINE.fullmatch(line), line
    server.assert_no_traceback()


def test_the_counts_are_logged_when_the_server_ends():
    with Server("serve", workers=2) as server:
        with closing(http.client.HTTPConnection(HOST, server.web_port)) as client:
            for _ in range(100):
                send(client, "GET", "/nothing/")
        server.stop()
        # A connection that was closed meanwhile is opened again, perhaps at the other process.
        found = re.findall(r"(?:repeated (\d+) times: )?Not Found: /nothing/", server.output)
        assert sum(int(count or 1) for count in found) == 100
        assert len(found) < 20


@pytest.mark.parametrize(("proxies", "used"), [("127.0.0.1", True), ("192.0.2.1", False)])
def test_a_request_id_counts_only_from_a_trusted_proxy(proxies, used):
    with Server("serve", TRUSTED_PROXIES=proxies) as server:
        headers = {"X-Request-ID": "from-the-proxy", "X-Forwarded-For": "192.0.2.7"}
        ask(server, "/nothing/", **headers)
        (line,) = [line for line in server.output.splitlines() if "Not Found" in line]
        assert ("[from-the-proxy 192.0.2.7]" in line) == used
        assert re.search(r"\[\S+ \d+\.\d+\.\d+\.\d+\]", line)


def test_json_has_one_object_in_each_line():
    with Server("serve", LOG_FORMAT="json", workers=2) as server:
        start = len(server.output)
        ask(server, "/nothing/", Host="bad\x1b.example")
        ask(server, "/nothing/")
        exchange(server, b"\n\nno http\r\n\r\n")
        server.stop()
        lines = [json.loads(line) for line in server.output[start:].splitlines()]
    loggers = {line["logger"] for line in lines}
    assert {"django.request", "chat.servers.http"} < loggers
    for line in lines:
        assert {"time", "level", "pid", "logger", "message"} <= line.keys()
    assert {"id"} <= next(line for line in lines if line["logger"] == "django.request").keys()


def test_a_lost_database_is_told_once_with_its_cause_and_pages_say_to_wait():
    with PostgreSQL() as service:
        url = service.create_migrated_database().replace("chat@", f"chat:{PASSWORD}@")
        with Server("serve", DATABASE_URL=url, REDIS_URL="", migrated=True) as server:
            wait_until_ready(server)
            start = len(server.output)
            service.stop("immediate")
            wait_until_wrong(server, "database")
            wait_until_wrong(server, "saving")
            response, page = ask(server, "/", Cookie="sessionid=" + "x" * 32)
            assert response.status == 503
            assert response.headers["Retry-After"]
            assert "cannot reach its database" in page
            service.start()
            wait_until_ready(server)
            logged = server.output[start:]
            server.assert_no_traceback()
    assert "OperationalError" not in logged
    assert PASSWORD not in logged
    for sentence in ("The database does not answer: ", "Nothing can be saved: "):
        (line,) = [line for line in logged.splitlines() if sentence in line]
        assert re.search(r"refused|terminating|closed|shutting down|reset", line), line
    for sentence in ("The database answers again after", "Messages can be saved again after"):
        assert logged.count(sentence) == 1
    assert len(logged.splitlines()) < 20, logged
