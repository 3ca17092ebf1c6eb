"""The first command: what an operator sees, and what ends it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.commands import PROJECT, assert_no_traceback, run_command
from tests.support.ports import HOST, free_ports
from tests.support.servers import GREETED, Server
from tests.support.waiting import wait_until


@pytest.fixture
def elsewhere(tmp_path):
    """An environment of its own: a new database, free ports."""
    web, legacy = free_ports(2)
    return {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}",
        "LEGACY_PORT": str(legacy),
        "WEB": f"{HOST}:{web}",
    }


@contextmanager
def taken(address):
    """A port that somebody else has."""
    host, port = address.split(":")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((host, int(port)))
        other.listen()
        yield


def assert_one_sentence(output, *parts):
    (sentence,) = [line for line in output.splitlines() if line.startswith("chatsite:")]
    assert_no_traceback(output)
    for part in parts:
        assert part in sentence


@pytest.mark.parametrize("reload", [["--noreload"], []])
def test_a_port_in_use_is_one_sentence_and_status_1(elsewhere, reload):
    with taken(elsewhere["WEB"]):
        status, output = run_command("runserver", *reload, elsewhere["WEB"], **elsewhere)
    assert status == 1
    assert_one_sentence(output, elsewhere["WEB"].partition(":")[2])
    with taken(f"{HOST}:{elsewhere['LEGACY_PORT']}"):
        status, output = run_command("runserver", *reload, elsewhere["WEB"], **elsewhere)
    assert status == 1
    assert_one_sentence(output, "legacy port", elsewhere["LEGACY_PORT"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEGACY_PORT", "telnet"),
        ("LEGACY_PORT", "70000"),
        ("DEBUG", "maybe"),
        ("SIGNUP", "sometimes"),
        ("DATABASE_URL", "mysql://x/y"),
        ("DATABASE_URL", "sqlite:///"),
        ("REDIS_URL", "memcached://x"),
        ("REDIS_URL", "redis://127.0.0.1:abc/0"),
        ("EMAIL_URL", "smtp://x:notaport"),
        ("CSRF_TRUSTED_ORIGINS", "example.org"),
        ("CHAT_ROOM", "x" * 65),
    ],
)
def test_a_bad_value_in_the_environment_is_one_sentence_and_status_1(elsewhere, name, value):
    status, output = run_command(
        "runserver", "--noreload", elsewhere["WEB"], **(elsewhere | {name: value})
    )
    assert status == 1
    assert_one_sentence(output, name)


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/none/chat.sqlite3", "postgres://chat@127.0.0.1:1/chat"]
)
def test_a_database_that_is_not_there_is_one_sentence_and_status_1(elsewhere, url):
    environment = elsewhere | {"DATABASE_URL": url, "SECRET_KEY": "x" * 50}
    status, output = run_command("runserver", "--noreload", elsewhere["WEB"], **environment)
    assert status == 1
    assert_one_sentence(output, "database")


def test_the_key_is_made_once_readable_by_its_owner_alone(tmp_path):
    with Server() as server:
        server.environment["SECRET_KEY"] = ""
        server.stop()
        server.start()
        path = server.folder / "secret_key"
        key = path.read_text()
        assert path.stat().st_mode & 0o777 == 0o600
        server.stop()
        server.start()
        assert path.read_text() == key


def test_the_first_administrator_comes_by_a_link_that_works_once():
    with Server() as server:
        link = re.search(r"http://\S+/accounts/first/\S+", server.output)[0]
        assert link.startswith(server.url)
        assert b"password1" in urllib.request.urlopen(link).read()
        server.stop()
        server.start()
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(link)
        server.python("-m", "tests.support.make_members", "1")
        server.stop()
        server.log.write_text("")
        server.start()
        assert "accounts/first" not in server.output


def test_both_addresses_are_printed_and_static_files_served_without_debug():
    with Server() as server:
        assert server.url in server.output
        assert f"telnet {HOST} {server.legacy_port}" in server.output
        with urllib.request.urlopen(f"{server.url}/static/chat/site.css") as answer:
            assert answer.headers["Content-Type"].startswith("text/css")


def test_the_legacy_port_can_be_off(elsewhere):
    with Server() as server:
        server.stop()
        server.environment["LEGACY_PORT"] = "0"
        server.log.write_text("")
        server.process = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", "--noreload", f"{HOST}:{server.web_port}"],
            cwd=PROJECT,
            env={**os.environ, **server.environment},
            stdout=server.log.open("ab"),
            stderr=subprocess.STDOUT,
        )
        wait_until(lambda: GREETED in server.output, "it does not greet")
        assert "telnet" not in server.output
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(server.legacy_address)


@pytest.mark.parametrize("reload", [True, False])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_control_c_ends_it_at_once_and_cleanly(reload, number):
    with Reloading(reload) as server:
        # When it answers it has its signal handlers too.
        urllib.request.urlopen(f"{server.url}/accounts/login/").close()
        began = time.monotonic()
        os.killpg(server.process.pid, number)
        server.process.wait(20)
        server.assert_no_traceback()
        assert "rror" not in server.output
        assert time.monotonic() - began < 15
        wait_until(lambda: is_free(server.web_port), "the website's port is not free")
        wait_until(lambda: is_free(server.legacy_port), "the legacy port is not free")


def test_an_edited_file_brings_both_ports_back():
    watched = PROJECT / "chat" / "apps.py"
    with Reloading(True) as server:
        first = serving_pid(server)
        edited = 0

        def reloaded():
            # The reloader compares with what it saw before; its first look may come after an edit.
            nonlocal edited
            if time.monotonic() > edited + 5:
                edited = time.monotonic()
                os.utime(watched)
            return serving_pid(server) not in (first, None)

        wait_until(reloaded, "it did not reload")
        server.await_port(server.web_port)
        server.await_port(server.legacy_port)
        server.assert_no_traceback()


class Reloading(Server):
    """`runserver` as a terminal runs it: with the autoreloader, in a process group of its own."""

    def __init__(self, reload):
        super().__init__()
        self.reload = reload

    def arguments(self):
        arguments = super().arguments()
        return [word for word in arguments if not (self.reload and word == "--noreload")]

    def prepare_process(self):
        super().prepare_process()
        os.setpgrp()

    def __exit__(self, *exc_info):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        super().__exit__()


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


def serving_pid(server):
    """The pid of the process that listens on the legacy port, if one does."""
    with socket.socket() as probe:
        if probe.connect_ex(server.legacy_address) != 0:
            return None
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return children.split()[0] if children else None
