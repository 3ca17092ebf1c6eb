"""`manage.py runserver`: what an operator sees, and how it ends."""

import os
import re
import shutil
import signal
import socket
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.commands import assert_no_traceback, run_command
from tests.support.ports import HOST, free_ports
from tests.support.servers import AS_IN_PRODUCTION, GREETING, Server
from tests.support.site_database import SiteDatabase
from tests.support.starts import PROJECT
from tests.support.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

QUICKLY = 40  # seconds, because the machine runs other tests too


@pytest.fixture
def environment(tmp_path):
    """Return an environment with a new database and free ports."""
    web, legacy = free_ports(2)
    return {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}",
        "LEGACY_PORT": str(legacy),
        "WEB": f"{HOST}:{web}",
    }


@contextmanager
def taken(address):
    """Listen at an address as another program would."""
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
def test_a_port_in_use_is_reported_in_one_sentence(environment, reload):
    with taken(environment["WEB"]):
        status, output = run_command("runserver", *reload, environment["WEB"], **environment)
    assert status == 1
    assert_one_sentence(output, environment["WEB"].partition(":")[2])
    with taken(f"{HOST}:{environment['LEGACY_PORT']}"):
        status, output = run_command("runserver", *reload, environment["WEB"], **environment)
    assert status == 1
    assert_one_sentence(output, "legacy port", environment["LEGACY_PORT"])


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
def test_an_invalid_setting_is_reported_in_one_sentence(environment, name, value):
    status, output = run_command(
        "runserver", "--noreload", environment["WEB"], **(environment | {name: value})
    )
    assert status == 1
    assert_one_sentence(output, name)


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/none/chat.sqlite3", "postgres://chat@127.0.0.1:1/chat"]
)
def test_an_unavailable_database_is_reported_in_one_sentence(environment, url):
    environment = environment | {"DATABASE_URL": url, "SECRET_KEY": "x" * 50}
    status, output = run_command("runserver", "--noreload", environment["WEB"], **environment)
    assert status == 1
    assert_one_sentence(output, "database")


def test_the_tables_of_a_new_database_are_created(tmp_path):
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    with Server(DATABASE_URL=url, migrated=True) as server:
        assert f"The database is up to date: {tmp_path / 'new.sqlite3'}" in server.output
        assert SiteDatabase(url).query("SELECT slug FROM chat_room") == [("lobby",)]
        urllib.request.urlopen(f"{server.url}/accounts/login/").close()
        server.assert_no_traceback()


def test_the_secret_key_is_created_once_and_only_its_owner_can_read_it(tmp_path):
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


def test_each_start_prints_a_new_link_for_the_first_administrator_until_there_is_one():
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


def test_both_addresses_are_printed_and_static_files_are_served_without_debug():
    with Server() as server:
        assert server.url in server.output
        assert f"telnet {HOST} {server.legacy_port}" in server.output
        with urllib.request.urlopen(f"{server.url}/static/chat/site.css") as answer:
            assert answer.headers["Content-Type"].startswith("text/css")


class WebOnlyServer(Server):
    """`runserver` without the legacy port."""

    def __init__(self):
        super().__init__(LEGACY_PORT="0")

    def await_ports(self):
        self.await_port(self.web_port)


def test_the_legacy_port_can_be_turned_off():
    with WebOnlyServer() as server:
        assert GREETING in server.output
        assert "telnet" not in server.output
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(server.legacy_address)


@pytest.mark.parametrize("reload", [True, False])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_control_c_and_sigterm_end_runserver_quickly_and_without_an_error(reload, number):
    with ReloadingServer(reload) as server:
        # Once it answers, its signal handlers are installed.
        urllib.request.urlopen(f"{server.url}/accounts/login/").close()
        began = time.monotonic()
        os.killpg(server.process.pid, number)
        server.process.wait(PATIENCE)
        server.assert_no_traceback()
        assert "rror" not in server.output
        assert time.monotonic() - began < QUICKLY
        wait_until(lambda: is_free(server.web_port), "the website's port is not free")
        wait_until(lambda: is_free(server.legacy_port), "the legacy port is not free")


def copy_project(folder):
    """Copy what `runserver` needs, because an edit reloads all servers that run from a folder."""
    for name in ("chat", "chatsite", "static", "templates"):
        shutil.copytree(PROJECT / name, folder / name)
    shutil.copy(PROJECT / "manage.py", folder)


def test_both_ports_are_open_again_after_an_edited_file_is_reloaded(tmp_path):
    copy_project(tmp_path)
    watched = tmp_path / "chat" / "apps.py"
    with ReloadingServer(True, project=tmp_path) as server:
        first = serving_pid(server)
        next_edit, pause = 0, 5

        def reloaded():
            # Edit repeatedly: the reloader may not have seen the file before the first edit. On a
            # slow machine an edit may interrupt the start that the last one has caused.
            nonlocal next_edit, pause
            if time.monotonic() > next_edit:
                next_edit, pause = time.monotonic() + pause, 2 * pause
                os.utime(watched)
            return serving_pid(server) not in (first, None)

        wait_until(reloaded, "runserver did not reload", 2 * PATIENCE)
        server.await_port(server.web_port)
        server.await_port(server.legacy_port)
        server.assert_no_traceback()


class ReloadingServer(Server):
    """`runserver` in a process group of its own, with or without the autoreloader."""

    def __init__(self, reload, project=PROJECT):
        super().__init__(**AS_IN_PRODUCTION)  # a copied project has no others
        self.project = project
        self.reload = reload

    def arguments(self):
        arguments = super().arguments()
        return [word for word in arguments if not (self.reload and word == "--noreload")]

    def prepare_process(self):
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
    """Return the pid of the process that listens on the legacy port, or None."""
    with socket.socket() as probe:
        if probe.connect_ex(server.legacy_address) != 0:
            return None
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return children.split()[0] if children else None
