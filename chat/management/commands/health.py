"""`manage.py health`: asks a running server how it is, for units, containers and scripts."""

import http.client
import socket
import threading
from urllib.parse import urlsplit

from django.core.management import BaseCommand

from chatsite.environment import exit_with

READY = "/health/ready"
DEFAULT_URL = f"http://127.0.0.1:8000{READY}"
MAX_ANSWER = 1000  # bytes that are read of an answer
CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Command(BaseCommand):
    help = "Ask a running server whether it is ready. The exit status is 0 if it is, else 1."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "url",
            nargs="?",
            default=DEFAULT_URL,
            metavar="URL",
            help=f"what to ask (default: %(default)s); without a path {READY} is asked; "
            "unix:PATH asks on a Unix socket",
        )
        parser.add_argument(
            "--timeout", type=float, default=5, metavar="SECONDS", help="default: %(default)s"
        )

    def handle(self, *args, url, timeout, **options):
        connection, path, name = self.parse(url, timeout)
        status, text = ask_within(timeout, connection, path)
        if status is None:
            exit_with(f"{name} does not answer: {text}")
        if status != http.HTTPStatus.OK:
            exit_with(f"{name} answers {status}: {text}")
        self.stdout.write(f"{name} answers {status}: {text}")

    def parse(self, url, timeout):
        """Return (connection, path, the URL as it is shown)."""
        if timeout <= 0:
            exit_with("--timeout must be more than 0")
        if url.startswith("unix:"):
            path = url.removeprefix("unix:").removeprefix("//")
            return UnixConnection(path, timeout), READY, url
        try:
            parts = urlsplit(url)
            connect, port = CONNECTIONS[parts.scheme], parts.port
        except (KeyError, ValueError):
            exit_with("the URL must look like http://127.0.0.1:8000 or unix:/run/chatsite.sock")
        if parts.username is not None or not parts.hostname:
            exit_with("the URL must have a host, and no user name or password")
        path = parts.path if parts.path not in ("", "/") else READY
        return connect(parts.hostname, port, timeout=timeout), path, url


def ask_within(seconds, connection, path):
    """Return (status, text), where the status is None when there is no answer in time.

    A thread asks, because a look-up of a host name cannot be interrupted.
    """
    result = [(None, f"nothing came within {seconds:g} s")]

    def ask():
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            text = response.read(MAX_ANSWER).decode(errors="replace")
        except (OSError, http.client.HTTPException, ValueError) as error:
            result[0] = None, getattr(error, "strerror", None) or str(error) or repr(error)
        else:
            result[0] = response.status, one_line(text)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return result[0]


def one_line(text):
    """Return an answer in one line that can be printed on a terminal."""
    lines = ["".join(filter(str.isprintable, line)) for line in text.splitlines()]
    return "; ".join(filter(None, lines))
