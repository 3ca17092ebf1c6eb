"""The addresses of health, and `manage.py health`, on healthy servers."""

import re
import socket
import threading
from contextlib import closing

import pytest

from tests.support.commands import run_command
from tests.support.health import READY, ask, wait_until_ready
from tests.support.ports import HOST
from tests.support.servers import Server
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["serve", "runserver", "uvicorn"])
def server(request):
    with Server(request.param, HTTPS="on", ALLOWED_HOSTS="chat.example.org") as server:
        wait_until_ready(server)
        yield server
        server.assert_no_traceback()


@pytest.mark.parametrize("path", ["/health/live", READY, "/ready/"])
@pytest.mark.parametrize("host", [HOST, "10.0.0.7:8000", "chat.example.org", "_bad_,\xe9"])
def test_health_is_answered_whatever_the_host_and_the_scheme(server, path, host):
    response, text = ask(server, path, Host=host, Cookie="sessionid=unknown")
    assert (response.status, text) == (200, "live\n" if "live" in path else "ready\n")
    assert response.headers.get_content_type() == "text/plain"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers


def test_only_get_and_head_are_answered(server):
    response, text = ask(server, method="HEAD")
    assert (response.status, text) == (200, "")
    assert ask(server, method="POST")[0].status == 405


@pytest.mark.parametrize("path", ["/health/", "/health/ready/now", "/readyy"])
def test_addresses_beside_those_of_health_are_pages(server, path):
    assert ask(server, path, Host="chat.example.org")[0].status == 301  # to HTTPS


# The command


def health(url, **environment):
    """Run the command with a long timeout; return (status, output)."""
    return run_command("health", url, "--timeout", str(PATIENCE), **environment)


def test_the_command_tells_a_ready_server_from_one_that_is_away():
    with Server("serve") as server:
        wait_until_ready(server)
        for url in (server.url, f"{server.url}/", f"{server.url}{READY}"):
            status, output = health(url, **server.environment)
            assert (status, output) == (0, f"{url} answers 200: ready\n")
        status, output = health(f"{server.url}/nothing", **server.environment)
        assert status == 1
        assert re.fullmatch(r"chatsite: http://\S+/nothing answers 404: .*\n", output)
    status, output = health(server.url, **server.environment)
    assert status == 1
    assert output == f"chatsite: {server.url} does not answer: Connection refused\n"


def test_the_command_asks_on_a_unix_socket(tmp_path):
    path = tmp_path / "chat.sock"
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(path))
        listener.listen()
        threading.Thread(target=answer_once, args=(listener, b"200 OK", b"ready\n")).start()
        assert health(f"unix:{path}") == (0, f"unix:{path} answers 200: ready\n")


def test_the_command_shows_what_is_wrong_in_one_line_that_cannot_harm_a_terminal():
    text = b"not ready\nbus: \x1b[2Jit is away\n" + b"x" * 100_000
    with closing(socket.create_server((HOST, 0))) as listener:
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        threading.Thread(target=answer_once, args=(listener, b"503 No", text), daemon=True).start()
        status, output = health(url)
    assert status == 1
    assert output.startswith(f"chatsite: {url} answers 503: not ready; bus: [2Jit is away; xxx")
    assert len(output) < 2000


def answer_once(listener, status, text):
    connection, _ = listener.accept()
    with closing(connection):
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n" % (status, len(text)))
        connection.sendall(text)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"])
def test_the_command_waits_no_longer_than_its_timeout(answer):
    """Neither for a server that says nothing, nor for one that stops in the middle."""
    with closing(socket.create_server((HOST, 0))) as listener:
        done = threading.Event()

        def stop_in_the_middle():
            connection, _ = listener.accept()
            with closing(connection):
                connection.sendall(answer)
                done.wait()

        threading.Thread(target=stop_in_the_middle, daemon=True).start()
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        status, output = run_command("health", url, "--timeout", "0.5")
        done.set()
    assert (status, "does not answer: " in output) == (1, True)


@pytest.mark.parametrize(
    "url", ["chat.example.org", "ftp://localhost", "http://", "http://a:b@localhost", "http://h:x"]
)
def test_the_command_refuses_a_url_that_it_cannot_ask(url):
    status, output = run_command("health", url)
    assert status == 1
    assert re.fullmatch(r"chatsite: the URL must .*\n", output)
    assert "b@" not in output
