"""The files of an SQLite database, which only their owner can read and write."""

import os
import sqlite3
import stat
from contextlib import closing

import pytest

from chatsite.sqlite3.base import make_private
from tests.support.commands import SECRET_KEY, run_command


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
    make_private(path)
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
    make_private(":memory:")
    make_private("file:x?mode=memory")
    make_private(tmp_path)
    make_private(tmp_path / "missing" / "chat.sqlite3")
    assert modes(tmp_path) == {}
