"""Production in one command: what it refuses, what it serves, and how it stops."""

import asyncio
import gzip
import http.client
import os
import re
import signal
import socket
import sqlite3
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from chat.accounts.throttling import MAX_ATTEMPTS
from tests.support.browser import chromium, message, say, sign_up
from tests.support.clients import TextMember, handshake
from tests.support.commands import assert_no_traceback, run_command
from tests.support.delivery import assert_all_agree, hold_conversation, web_members
from tests.support.guessing import begin_to_guess
from tests.support.ports import HOST, answers, free_ports
from tests.support.servers import Server
from tests.support.services import PostgreSQL
from tests.support.waiting import PATIENCE, wait_until


@pytest.fixture(scope="module")
def server():
    with Server("serve") as server:
        yield server
        server.assert_no_traceback()


def test_a_text_that_is_none_is_closed_without_a_traceback(server):
    async def journey():
        (member,) = await asyncio.to_thread(web_members, server, 1, "garbler")
        await member.enter()
        await member.socket.send(b"\xff\xfe", text=True)
        assert (await member.until_closed())[0] == 1007

    asyncio.run(journey())


@pytest.fixture
def production(tmp_path):
    """An environment in which `serve` would start."""
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'chat.sqlite3'}",
        "SECRET_KEY": "x" * 50,
        "ALLOWED_HOSTS": HOST,
        "STATIC_ROOT": str(tmp_path / "static"),
    }
    status, output = run_command("migrate", "-v0", **environment)
    assert status == 0, output
    return environment


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"DEBUG": "on"}, "DEBUG"),
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"DATABASE_URL": "postgres://chat@127.0.0.1:1/chat"}, "database"),
    ],
)
def test_what_is_unsafe_or_missing_is_one_sentence_and_status_1(production, change, word):
    status, output = run_command(
        "serve", "--bind", f"{HOST}:{free_ports(1)[0]}", **(production | change)
    )
    assert status == 1
    assert_no_traceback(output)
    (sentence,) = [line for line in output.splitlines() if line.startswith("chatsite:")]
    assert word in sentence


def test_a_database_that_was_not_migrated_is_told_so(production, tmp_path):
    change = {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"}
    status, output = run_command("serve", **(production | change))
    assert status == 1
    assert "migrate" in output


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_in_use_is_one_sentence_and_status_1(production, workers):
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        taken = f"{HOST}:{other.getsockname()[1]}"
        free = f"{HOST}:{free_ports(1)[0]}"
        for doors in (
            ("--bind", taken, "--legacy-bind", free),
            ("--bind", free, "--legacy-bind", taken),
        ):
            status, output = run_command("serve", *doors, "--workers", workers, **production)
            assert status == 1
            assert f"chatsite: {taken} cannot be opened" in output


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_fails_only_in_the_worker_ends_all_with_status_1(production, tmp_path, workers):
    with closing(sqlite3.connect(tmp_path / "chat.sqlite3")) as database:
        database.execute("ALTER TABLE chat_process RENAME TO elsewhere")
    doors = ("--bind", f"{HOST}:{free_ports(1)[0]}", "--legacy-bind", "off")
    status, output = run_command("serve", *doors, "--workers", workers, **production)
    assert status == 1
    assert "chatsite: the database cannot be used: no such table: chat_process" in output
    assert "is replaced" not in output


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
def test_a_name_that_is_no_host_is_one_sentence_and_status_1(production, host):
    status, output = run_command("serve", "--bind", f"{host}:8000", **production)
    assert status == 1
    assert_no_traceback(output)
    assert f"chatsite: {host}:8000 cannot be opened" in output


@pytest.mark.parametrize("option", ["--bind", "--legacy-bind"])
@pytest.mark.parametrize("value", ["8000", "x:y", "127.0.0.1:70000"])
def test_an_address_that_is_none_is_one_sentence_and_status_1(production, option, value):
    status, output = run_command("serve", option, value, **production)
    assert status == 1
    assert f"chatsite: {option} must be ADDR:PORT" in output


def fetch(url, **headers):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=PATIENCE)


def test_static_files_have_hashed_names_and_are_compressed_and_kept_for_ever(server):
    page = fetch(f"{server.url}/accounts/login/").read().decode()
    path = re.search(r'href="(/static/chat/site\.[0-9a-f]{12}\.css)"', page)[1]
    with fetch(server.url + path, **{"Accept-Encoding": "gzip"}) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"
        assert b"@layer" in gzip.decompress(answer.read())


def test_the_room_works_in_a_browser_with_hashed_modules(server):
    with chromium() as browser:
        page = browser.new_context().new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        sign_up(page, server, "hannah")
        say(page, "from a hashed module")
        expect(message(page, "from a hashed module")).to_be_visible()
        scripts = [url for url in asked if url.endswith(".js")]
        assert len(scripts) > 5
        assert all(re.search(r"\.[0-9a-f]{12}\.js$", url) for url in scripts)


def test_a_ready_server_says_so(server):
    assert fetch(f"{server.url}/ready/").status == 200


async def stop_in_the_middle(server):
    """Members talk while the server is told to stop; then it starts, and they come back."""
    web = web_members(server, 20, "stop-")
    guests = [TextMember(server, f"guest-{letter}") for letter in "abcde"]
    for member in (*web, *guests):
        await member.enter()
    acknowledged = []

    async def talk(member):
        for turn in range(10_000):
            acknowledged.append((await member.say(f"{member.name} {turn}"))["seq"])

    talking = [asyncio.create_task(talk(member)) for member in web[:5]]
    await web[-1].until_line(lambda line: line["seq"] > web[-1].entered + 50)
    assert await asyncio.to_thread(server.stop) == 0
    for member in (*web, *guests):
        await member.until_closed()
    for task in talking:
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)
    assert_told_to_come_back(web)
    assert_all_heard_the_end(web, guests, acknowledged)
    await asyncio.to_thread(server.start)
    for member in web:
        await member.resume()
    await web[0].say("all here again")
    await asyncio.gather(*(member.until_said("all here again") for member in web))
    for member in web:
        await member.leave()
    for member in web:
        assert member.lines == [line for line in web[0].lines if line["seq"] > member.entered]
    return [line["name"] for line in web[0].lines if line["kind"] == "left"], guests


def assert_told_to_come_back(web):
    for member in web:
        assert member.closed[0] == 4012
        bye = member.frames[-1]
        assert (bye["type"], bye["code"]) == ("bye", "restart")
        assert 0 <= bye["retry_in"] <= 10


def assert_all_heard_the_end(web, guests, acknowledged):
    last = web[0].lines[-1]
    assert {member.lines[-1]["seq"] for member in web} == {last["seq"]}
    assert max(acknowledged) <= last["seq"]
    for guest in guests:
        assert guest.text.endswith(f"{last['name']}: {last['text']}\n")


def test_a_stop_under_load_loses_nothing_and_members_come_back_unannounced():
    with Server("serve") as server:
        left, guests = asyncio.run(stop_in_the_middle(server))
        assert sorted(left) == [guest.name for guest in guests]
        server.assert_no_traceback()


async def stop_with_one_who_does_not_close(server):
    """While a member keeps the stop waiting: (what `/ready/` says, ports that still answer)."""
    alice, sleeper = web_members(server, 2, "port-")
    for member in (alice, sleeper):
        await member.enter()
    sleeper.socket.transport.pause_reading()
    with closing(http.client.HTTPConnection(HOST, server.web_port, timeout=PATIENCE)) as proxy:
        assert ready(proxy) == 200
        server.process.terminate()
        await alice.until_closed()
        status = ready(proxy)  # on the connection that it keeps
        ports = [port for port in (server.web_port, server.legacy_port) if answers(port)]
    assert server.is_alive
    sleeper.socket.transport.abort()
    return status, ports


def ready(proxy):
    proxy.request("GET", "/ready/")
    answer = proxy.getresponse()
    answer.read()
    return answer.status


def test_a_stop_begins_with_closing_both_ports_and_is_told_to_proxies():
    with Server("serve") as server:
        assert asyncio.run(stop_with_one_who_does_not_close(server)) == (503, [])
        assert server.stop() == 0
        server.assert_no_traceback()


async def stop_without_an_answer(server, service):
    """The status of a stop while somebody is in the room and the database is frozen."""
    (member,) = web_members(server, 1, "frozen-")
    await member.enter()
    with service.frozen():
        status = await asyncio.to_thread(server.stop)
        await member.until_closed()
    return status, member.closed[0]


def test_a_stop_ends_though_the_database_does_not_answer():
    with (
        PostgreSQL() as service,
        Server("serve", DATABASE_URL=service.url, REDIS_URL="") as server,
    ):
        status, closed = asyncio.run(stop_without_an_answer(server, service))
        assert (status, closed) == (1, 4012)
        assert "did not end in time" in server.output
        server.assert_no_traceback()


def test_two_workers_with_nothing_but_sqlite_agree():
    with Server("serve", workers=2) as server:
        heard = asyncio.run(hold_conversation(server))
        server.assert_no_traceback()
    assert_all_agree(*heard)


def children(server):
    pid = server.process.pid
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def registered(server):
    """The pids of the workers that have started and not ended, as the database knows them."""
    asked = "print('pids', *Process.objects.values_list('pid', flat=True))"
    printed = server.manage("shell", "-v0", "-c", f"from chat.models import Process; {asked}")
    return set(printed.split("pids")[-1].split())


def test_a_worker_that_ends_is_replaced_and_all_stop_together():
    with Server("serve", workers=2) as server:
        first, second = children(server)
        os.kill(int(first), signal.SIGKILL)
        wait_until(
            lambda: len(children(server)) == 2 and first not in children(server),
            "no new worker came",
        )
        assert second in children(server)
        workers = children(server)
        assert server.stop() == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def rename(server, table, name):
    renamed = f"connection.cursor().execute('ALTER TABLE {table} RENAME TO {name}')"
    server.manage("shell", "-v0", "-c", f"from django.db import connection; {renamed}")


def test_a_worker_that_cannot_be_replaced_now_is_replaced_later():
    with Server("serve", workers=2) as server:
        wait_until(lambda: len(registered(server)) == 2, "two workers did not start")
        first, second = children(server)
        rename(server, "chat_process", "elsewhere")
        os.kill(int(first), signal.SIGKILL)
        wait_until(
            lambda: server.output.count("is replaced") >= 2,
            lambda: f"no new worker has failed:\n{server.output}",
        )
        assert second in children(server)
        rename(server, "elsewhere", "chat_process")
        wait_until(
            lambda: registered(server) >= set(children(server)) and len(children(server)) == 2,
            lambda: f"no new worker came:\n{server.output}",
        )
        assert second in children(server)
        assert server.stop() == 0


def sockets_to(port, pid):
    """The sockets, by the kernel's numbers, that a process has connected to a port here."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    connected = {f"socket:[{row[9]}]" for row in rows if int(row[2].partition(":")[2], 16) == port}
    held = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            held.add(str(link.readlink()))
    return held & connected


def room_page(server, session_key):
    """The status of the room's page, over a connection of its own."""
    with fetch(f"{server.url}/", Cookie=f"sessionid={session_key}") as answer:
        assert answer.url == f"{server.url}/", "signed out"
        return answer.status


def test_workers_share_no_connection_to_postgresql(postgresql):
    database = {"DATABASE_URL": postgresql.create_database("workers"), "REDIS_URL": ""}
    with Server("serve", workers=2, **database) as server:
        keys = [member.session_key for member in web_members(server, 20, "page-")]

        def assert_pages_and_no_shared_sockets():
            with ThreadPoolExecutor(len(keys)) as threads:
                statuses = list(threads.map(room_page, [server] * len(keys), keys))
            assert statuses == [200] * len(keys)
            one, other = (sockets_to(postgresql.port, pid) for pid in children(server))
            assert one and other
            assert not one & other

        wait_until(lambda: len(registered(server)) == 2, "two workers did not start")
        assert_pages_and_no_shared_sockets()
        first, _ = children(server)
        os.kill(int(first), signal.SIGKILL)
        wait_until(lambda: len(registered(server) & set(children(server))) == 2, "no new worker")
        assert_pages_and_no_shared_sockets()
        server.assert_no_traceback()


TOLD_AT_ONCE = """
import os, signal
from chat.servers.supervisor import Supervisor

fork, signals = os.fork, [signal.SIGTERM]

def fork_and_tell():
    pid = fork()
    if pid == 0 and signals:
        os.kill(os.getpid(), signals[0])
    signals.clear()
    return pid

os.fork = fork_and_tell
raise SystemExit(Supervisor(1, lambda supervision: 1).supervise())
"""


def test_a_worker_that_is_told_to_end_before_it_has_begun_ends(production):
    _, output = run_command("shell", "-v0", "-c", TOLD_AT_ONCE, **production)
    assert "A worker ended with -15 and is replaced" in output


def test_workers_end_with_their_supervisor_however_it_ends():
    with Server("serve", workers=2) as server:
        workers = children(server)
        assert len(workers) == 2
        server.kill()
        wait_until(
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers),
            "workers live on without a supervisor",
        )


@contextmanager
def on_a_unix_socket(path):
    """A server whose website is on a Unix socket."""
    server = Server("serve")
    doors = ["--uds", str(path), "--legacy-bind", f"{HOST}:{server.legacy_port}"]
    server.arguments = lambda: ["manage.py", "serve", *doors]
    server.await_ports = lambda: server.await_port(server.legacy_port)
    with server:
        yield server


class UnixConnection(http.client.HTTPConnection):
    """HTTP on a Unix socket, as a proxy in front speaks it."""

    def __init__(self, path):
        super().__init__(HOST)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))

    def ask(self, method, page, body=None, **headers):
        """The answer, which has been read."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.request(method, page, body, headers)
        answer = self.getresponse()
        answer.read()
        return answer


def test_a_unix_socket_serves_too(tmp_path):
    path = tmp_path / "chat.sock"
    with on_a_unix_socket(path) as server:
        with closing(UnixConnection(path)) as client:
            assert client.ask("GET", "/ready/").status == 200
        status, output = run_command(
            *("serve", "--uds", str(path), "--legacy-bind", "off"), **server.environment
        )
        assert status == 1
        assert f"chatsite: {path} cannot be opened: Address already in use" in output
        server.kill()
        server.start()  # over what the killed one left
        assert path.is_socket()


def test_a_file_in_the_place_of_the_unix_socket_is_kept(production, tmp_path):
    for name in ("chat.sqlite3", "link"):
        (tmp_path / "link").unlink(missing_ok=True)
        (tmp_path / "link").symlink_to("chat.sqlite3")
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


def test_guesses_through_a_unix_socket_are_counted_by_the_address_that_the_proxy_tells(tmp_path):
    path = tmp_path / "chat.sock"
    begin_to_guess(60)  # before there is a connection: the server closes one that waits for long
    with on_a_unix_socket(path), closing(UnixConnection(path)) as client:
        cookies = SimpleCookie(client.ask("GET", "/accounts/login/").headers["Set-Cookie"])
        token = cookies["csrftoken"].value

        def guess(address):
            form = {"username": "ann", "password": "a guess", "csrfmiddlewaretoken": token}
            return client.ask(
                *("POST", "/accounts/login/", urlencode(form)),
                Content_Type="application/x-www-form-urlencoded",
                Cookie=f"csrftoken={token}",
                X_Forwarded_For=address,
            ).status

        tries = [guess("192.0.2.1") for _ in range(MAX_ATTEMPTS + 1)]
        assert tries == [200] * MAX_ATTEMPTS + [429]
        assert guess("192.0.2.2") == 200


def test_what_a_proxy_says_counts_only_when_it_is_trusted():
    for proxies, scheme in (("127.0.0.1", "https"), ("10.9.9.9", "http")):
        with Server("serve", TRUSTED_PROXIES=proxies) as server:
            # An https page may open the socket only where https is believed.
            status = handshake(
                server,
                X_Forwarded_Proto="https",
                X_Forwarded_For="192.0.2.7",
                Origin=f"https://{HOST}:{server.web_port}",
            )
            assert status == (101 if scheme == "https" else 403)
