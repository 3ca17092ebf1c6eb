"""The files of an SQLite database, which only their owner can read and write."""

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from django.db import OperationalError, connection, connections, transaction

from chat.models import Room
from chatsite.sqlite3 import base, files
from chatsite.sqlite3.base import PatientCursor, create_private, make_private
from tests.support.commands import SECRET_KEY, run_command
from tests.support.starts import PROJECT


@pytest.fixture
def permissive():
    """Let new files be readable for everybody, as on most machines."""
    umask = os.umask(0)
    yield
    os.umask(umask)


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.mark.same_on_every_database
@pytest.mark.parametrize("mode", [None, 0o666])
def test_the_files_of_a_database_are_private_also_when_migrate_creates_them(
    tmp_path, permissive, mode
):
    path = tmp_path / "chat.sqlite3"
    if mode is not None:  # as an earlier version left it, in use by a running server
        server = sqlite3.connect(path)
        server.execute("PRAGMA journal_mode=WAL")
        server.execute("CREATE TABLE t (a)")
        assert set(modes(tmp_path).values()) == {0o644}
    environment = {"DATABASE_URL": f"sqlite:///{path}", "SECRET_KEY": SECRET_KEY}
    status, output = run_command("migrate", "--verbosity", "0", **environment)
    assert status == 0, output
    assert set(modes(tmp_path).values()) == {0o600}
    if mode is not None:
        assert len(modes(tmp_path)) == 3
        server.close()


def test_the_files_beside_an_open_database_are_private(tmp_path, permissive):
    path = tmp_path / "chat.sqlite3"
    create_private(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE t (a)")
        assert modes(tmp_path) == {f"chat.sqlite3{end}": 0o600 for end in ("", "-wal", "-shm")}


def test_a_database_that_its_owner_may_only_read_stays_so(tmp_path):
    path = tmp_path / "chat.sqlite3"
    path.touch()
    path.chmod(0o444)
    make_private(path)
    assert modes(tmp_path) == {"chat.sqlite3": 0o400}


def test_what_is_no_file_is_left_alone(tmp_path):
    folder = stat.S_IMODE(tmp_path.stat().st_mode)
    missing = tmp_path / "missing" / "chat.sqlite3"
    for database in (":memory:", "file:x?mode=memory", tmp_path, missing):
        create_private(database)
        make_private(database)
    assert modes(tmp_path) == {}
    assert stat.S_IMODE(tmp_path.stat().st_mode) == folder


@pytest.mark.same_on_every_database
@pytest.mark.parametrize("command", ["migrate", "check_database"])
def test_a_file_that_is_no_database_keeps_its_rights(tmp_path, command):
    path = tmp_path / "passwd"  # which others need, and which a wrong path may name
    path.write_text("root:x:0:0:root:/root:/bin/sh\n" * 1000)
    path.chmod(0o644)
    status, output = run_command(command, DATABASE_URL=f"sqlite:///{path}", SECRET_KEY=SECRET_KEY)
    assert status == 1
    assert "is not an SQLite database" in output
    assert modes(tmp_path) == {"passwd": 0o644}


# As another user than the one of the tests, who may be root and may do everything.
ASK_AS_NOBODY = """
import os, sys
from chatsite.sqlite3 import files
os.setgroups([]); os.setgid(65534); os.setuid(65534)
print(files.find_problem(sys.argv[1]))
"""


@pytest.fixture
def open_folder():
    """A folder that other users can enter, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="chatsite-") as path:
        folder = Path(path)
        folder.chmod(0o755)
        yield folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "problem"),
    [
        (0o777, 0o666, "None"),
        (0o777, 0o644, "cannot be read and written by the user nobody"),
        (0o777, 0o600, "cannot be read and written by the user nobody"),
        (0o755, 0o666, "cannot be used by the user nobody, who may not write in its folder"),
        (0o700, 0o666, "cannot be used by the user nobody, who may not enter its folder"),
    ],
)
def test_files_of_another_user_are_a_problem(open_folder, folder_mode, file_mode, problem):
    folder = open_folder / "folder"
    folder.mkdir()
    path = folder / "chat.sqlite3"
    path.touch()
    path.chmod(file_mode)
    folder.chmod(folder_mode)
    done = subprocess.run(
        [sys.executable, "-c", ASK_AS_NOBODY, path],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == problem


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_log_of_another_user_beside_the_database_is_a_problem(open_folder):
    path = open_folder / "chat.sqlite3"
    for file in (path, open_folder / "chat.sqlite3-wal"):
        file.touch()
    path.chmod(0o666)
    open_folder.chmod(0o777)
    problem = subprocess.check_output(
        [sys.executable, "-c", ASK_AS_NOBODY, path], cwd=PROJECT, text=True
    )
    assert "because chat.sqlite3-wal beside it cannot" in problem


@pytest.mark.parametrize(("mode", "timeout"), [("WAL", 0), ("DELETE", 5000)])
def test_only_a_database_with_a_write_ahead_log_waits_in_our_own_way(tmp_path, mode, timeout):
    options = {"timeout": 5, "init_command": f"PRAGMA journal_mode={mode}"}
    own = {"NAME": tmp_path / "chat.sqlite3", "OPTIONS": options}
    database = base.DatabaseWrapper({**connections["default"].settings_dict, **own}, "other")
    with closing(database.get_new_connection(database.get_connection_params())) as opened:
        assert opened.execute("PRAGMA busy_timeout").fetchone() == (timeout,)


def test_a_file_that_cannot_be_a_database_is_a_problem(tmp_path):
    assert files.find_problem(f"{tmp_path}/missing.sqlite3") is None
    assert files.find_problem(str(tmp_path)) == "is a folder"
    assert "there is no folder" in files.find_problem(f"{tmp_path}/missing/chat.sqlite3")
    os.mkfifo(tmp_path / "pipe")
    assert files.find_problem(f"{tmp_path}/pipe") == "is not a file"


class FakeTime:
    """Moves a clock instead of sleeping. Calls `after` once a number of pauses have passed."""

    def __init__(self, monkeypatch, count=None, after=None):
        self.now, self.pauses = 100.0, []
        self.count, self.after = count, after
        monkeypatch.setattr(base, "monotonic", lambda: self.now)
        monkeypatch.setattr(base, "sleep", self.sleep)

    def sleep(self, seconds):
        self.now += seconds
        self.pauses.append(seconds)
        if len(self.pauses) == self.count:
            self.after()


def database_path():
    return connection.settings_dict["NAME"]


@pytest.fixture
def other_writer(transactional_db):
    """Another connection, which has the write lock."""
    with closing(sqlite3.connect(database_path(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def write_in_a_transaction():
    with transaction.atomic():
        Room.objects.create(name="Hall")


def write_without_a_transaction():
    connection.cursor().execute("UPDATE chat_room SET revision = 1")


@pytest.mark.only_sqlite
@pytest.mark.parametrize("write", [write_in_a_transaction, write_without_a_transaction])
def test_the_write_lock_is_taken_soon_after_another_writer_has_released_it(
    monkeypatch, other_writer, write
):
    time = FakeTime(monkeypatch, 300, lambda: other_writer.execute("ROLLBACK"))
    write()
    assert len(time.pauses) == 300
    assert max(time.pauses) <= 0.01


@pytest.mark.only_sqlite
def test_a_process_that_was_stopped_while_it_asked_for_the_lock_asks_again(
    monkeypatch, other_writer
):
    time = FakeTime(monkeypatch, 1, lambda: other_writer.execute("ROLLBACK"))

    def stop(statement):
        time.now += 2 * PatientCursor.timeout

    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", PatientCursor.timeout)
    connection.ensure_connection()
    connection.connection.set_trace_callback(stop)
    try:
        write_in_a_transaction()
    finally:
        connection.connection.set_trace_callback(None)
    assert len(time.pauses) == 1


@pytest.mark.only_sqlite
def test_a_statement_that_can_never_get_the_lock_does_not_wait(monkeypatch, transactional_db):
    time = FakeTime(monkeypatch)
    with connection.cursor() as cursor, closing(sqlite3.connect(database_path())) as other:
        cursor.execute("BEGIN")
        cursor.execute("SELECT COUNT(*) FROM chat_room")
        cursor.fetchall()
        try:
            other.execute("PRAGMA user_version = 1")  # any write, here one without a table
            with pytest.raises(OperationalError, match="locked"):
                cursor.execute("UPDATE chat_room SET revision = 2")
        finally:
            cursor.execute("ROLLBACK")
    assert time.pauses == []


@pytest.mark.only_sqlite
def test_a_write_lock_that_is_not_released_is_an_error_after_the_timeout(monkeypatch, other_writer):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 5)
    time = FakeTime(monkeypatch)
    with pytest.raises(OperationalError, match="locked"), transaction.atomic():
        pass
    assert 5 <= time.now - 100 < 5.1
    other_writer.execute("ROLLBACK")
    with transaction.atomic():  # the connection is of use again
        Room.first()
