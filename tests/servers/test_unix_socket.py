"""`manage.py serve --uds`: the website on a Unix socket, behind a proxy."""

import http.client
import socket
from contextlib import closing
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest

from chat.accounts.throttling import WRONG_FOR_ACCOUNT_FROM_ADDRESS
from tests.support.commands import run_command
from tests.support.guessing import begin_to_guess
from tests.support.ports import HOST
from tests.support.servers import Server

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]


class UnixServer(Server):
    """`serve` with the website on a Unix socket."""

    def __init__(self, path):
        super().__init__("serve")
        self.path = path

    def arguments(self):
        legacy = f"{HOST}:{self.legacy_port}"
        return ["manage.py", "serve", "--uds", str(self.path), "--legacy-bind", legacy]

    def await_ports(self):
        self.await_port(self.legacy_port)


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket, as a proxy speaks it."""

    def __init__(self, path):
        super().__init__(HOST)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))

    def ask(self, method, page, body=None, **headers):
        """Return the response, whose body has been read."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.request(method, page, body, headers)
        response = self.getresponse()
        response.read()
        return response


def test_serve_replaces_an_abandoned_unix_socket_and_refuses_one_in_use(tmp_path):
    path = tmp_path / "chat.sock"
    with UnixServer(path) as server:
        with closing(UnixConnection(path)) as client:
            assert client.ask("GET", "/ready/").status == 200
        status, output = run_command(
            *("serve", "--uds", str(path), "--legacy-bind", "off"), **server.environment
        )
        assert status == 1
        assert f"chatsite: {path} cannot be opened: Address already in use" in output
        server.kill()
        server.start()  # replaces the socket that the killed server left behind
        assert path.is_socket()


def test_serve_does_not_replace_a_file_that_is_not_a_socket(production, tmp_path):
    (tmp_path / "link").symlink_to("chat.sqlite3")
    for name in ("chat.sqlite3", "link"):
        path = tmp_path / name
        status, output = run_command(
            *("serve", "--uds", str(path), "--legacy-bind", "off"), **production
        )
        assert status == 1
        assert (
            f"chatsite: {path} cannot be opened: a file that is not a socket exists at this path"
            in output
        )
        assert path.stat().st_size > 0


def test_password_guesses_over_a_unix_socket_are_counted_by_the_forwarded_address(tmp_path):
    path = tmp_path / "chat.sock"
    with UnixServer(path):
        begin_to_guess(60)

        def ask(*arguments, **headers):
            # The server closes a connection that is idle for some seconds.
            with closing(UnixConnection(path)) as client:
                return client.ask(*arguments, **headers)

        cookies = SimpleCookie(ask("GET", "/accounts/login/").headers["Set-Cookie"])
        token = cookies["csrftoken"].value

        def guess(address):
            form = {"username": "ann", "password": "a guess", "csrfmiddlewaretoken": token}
            return ask(
                *("POST", "/accounts/login/", urlencode(form)),
                Content_Type="application/x-www-form-urlencoded",
                Cookie=f"csrftoken={token}",
                X_Forwarded_For=address,
            ).status

        # The proxy appends the address of its client to what the client has invented.
        most = WRONG_FOR_ACCOUNT_FROM_ADDRESS.most
        statuses = [guess(f"198.51.100.{n}, 192.0.2.1") for n in range(most + 1)]
        assert statuses == [200] * most + [429]
        assert guess("192.0.2.2") == 200
