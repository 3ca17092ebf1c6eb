"""`manage.py serve --workers`: several processes under one supervisor."""

import asyncio
import os
import signal
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.commands import run_command
from tests.support.delivery import assert_all_agree, hold_conversation, web_members
from tests.support.servers import Server
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow


def worker_pids(server):
    pid = server.process.pid
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def started_workers(server):
    """Return the pids of the workers once all have started; the ports are open before that."""
    wait_until(
        lambda: (
            registered_pids(server) == set(worker_pids(server)) and len(worker_pids(server)) == 2
        ),
        lambda: f"two workers did not start:\n{server.output}",
    )
    return worker_pids(server)


def registered_pids(server):
    """Return the pids of the processes that are registered in the database."""
    expression = "print('pids', *Process.objects.values_list('pid', flat=True))"
    printed = server.manage("shell", "-v0", "-c", f"from chat.models import Process; {expression}")
    return set(printed.split("pids")[-1].split())


def any_exists(pids):
    return any(Path(f"/proc/{pid}").exists() for pid in pids)


def rename_table(server, table, name):
    statement = f"connection.cursor().execute('ALTER TABLE {table} RENAME TO {name}')"
    server.manage("shell", "-v0", "-c", f"from django.db import connection; {statement}")


def test_two_workers_on_sqlite_without_redis_deliver_the_same_lines():
    with Server("serve", workers=2) as server:
        heard = asyncio.run(hold_conversation(server))
        server.assert_no_traceback()
    assert_all_agree(*heard)


def test_a_worker_that_ends_is_replaced_and_all_workers_stop_together():
    with Server("serve", workers=2) as server:
        first, second = started_workers(server)
        os.kill(int(first), signal.SIGKILL)
        wait_until(
            lambda: len(worker_pids(server)) == 2 and first not in worker_pids(server),
            "the worker was not replaced",
        )
        assert second in worker_pids(server)
        workers = worker_pids(server)
        assert server.stop() == 0
        assert not any_exists(workers)


def test_a_worker_that_cannot_be_replaced_yet_is_replaced_later():
    with Server("serve", workers=2) as server:
        first, second = started_workers(server)
        rename_table(server, "chat_process", "elsewhere")
        os.kill(int(first), signal.SIGKILL)
        wait_until(
            lambda: server.output.count("is replaced") >= 2,
            lambda: f"no new worker has failed:\n{server.output}",
        )
        assert second in worker_pids(server)
        rename_table(server, "elsewhere", "chat_process")
        wait_until(
            lambda: (
                registered_pids(server) >= set(worker_pids(server))
                and len(worker_pids(server)) == 2
            ),
            lambda: f"the worker was not replaced:\n{server.output}",
        )
        assert second in worker_pids(server)
        assert server.stop() == 0


def sockets_connected_to(port, pid):
    """Return the sockets, by inode, that a process has connected to a port of this machine."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    connected = {f"socket:[{row[9]}]" for row in rows if int(row[2].partition(":")[2], 16) == port}
    held = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # the descriptor was closed meanwhile
            held.add(str(link.readlink()))
    return held & connected


def room_page_status(server, session_key):
    """Return the status of the room's page, requested on a new connection."""
    cookie = {"Cookie": f"sessionid={session_key}"}
    request = urllib.request.Request(f"{server.url}/", headers=cookie)
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        assert response.url == f"{server.url}/r/lobby/", "signed out"
        return response.status


@pytest.mark.same_on_every_database
def test_workers_share_no_connection_to_postgresql(postgresql):
    database = {"DATABASE_URL": postgresql.create_database("workers"), "REDIS_URL": ""}
    with Server("serve", workers=2, **database) as server:
        keys = [member.session_key for member in web_members(server, 20, "page-")]

        def assert_pages_and_no_shared_sockets():
            with ThreadPoolExecutor(len(keys)) as threads:
                statuses = list(threads.map(room_page_status, [server] * len(keys), keys))
            assert statuses == [200] * len(keys)
            one, other = (sockets_connected_to(postgresql.port, pid) for pid in worker_pids(server))
            assert one and other
            assert not one & other

        started_workers(server)
        assert_pages_and_no_shared_sockets()
        first, _ = worker_pids(server)
        os.kill(int(first), signal.SIGKILL)
        wait_until(
            lambda: len(registered_pids(server) & set(worker_pids(server))) == 2,
            "the worker was not replaced",
        )
        assert_pages_and_no_shared_sockets()
        server.assert_no_traceback()


SIGNAL_RIGHT_AFTER_FORK = """
import os, signal
from chat.servers.supervisor import Supervisor

fork, signals = os.fork, [signal.SIGTERM]

def fork_and_signal():
    pid = fork()
    if pid == 0 and signals:
        os.kill(os.getpid(), signals[0])
    signals.clear()
    return pid

os.fork = fork_and_signal
raise SystemExit(Supervisor(1, lambda pipes: 1).supervise())
"""


def test_a_worker_that_is_told_to_stop_before_it_has_started_ends(production):
    _, output = run_command("shell", "-v0", "-c", SIGNAL_RIGHT_AFTER_FORK, **production)
    assert "A worker ended with -15 and is replaced" in output


def test_workers_end_when_their_supervisor_is_killed():
    with Server("serve", workers=2) as server:
        workers = started_workers(server)
        server.kill()
        wait_until(
            lambda: not any_exists(workers), "workers are still running without a supervisor"
        )
