"""Databases with which the site does not start: one sentence for the operator, and status 1."""

import os
import sqlite3
from contextlib import closing

import psycopg
import pytest

from tests.support import starts
from tests.support.commands import assert_no_traceback, run_command
from tests.support.databases import POSTGRESQL, copied_database, migrated_database
from tests.support.ports import HOST, free_ports

pytestmark = [pytest.mark.slow]
only_sqlite_files = pytest.mark.same_on_every_database

COMMANDS = {
    "serve": lambda web: ["manage.py", "serve", "--bind", web, "--legacy-bind", "off"],
    "runserver": lambda web: ["manage.py", "runserver", "--noreload", web],
    "uvicorn": lambda web: [
        *("-m", "uvicorn", "chatsite.asgi:application"),
        *("--port", web.rpartition(":")[2], "--lifespan", "on"),
    ],
    "migrate": lambda web: ["manage.py", "migrate"],
    "check_database": lambda web: ["manage.py", "check_database"],
}


def sentence_of(command, production):
    """Run a command that must fail, and return the sentence that it prints."""
    status, output = starts.run(
        COMMANDS[command](f"{HOST}:{free_ports(1)[0]}"),
        {"LEGACY_PORT": "0", **production},
        timeout=60,
    )
    assert_no_traceback(output)
    (sentence,) = [line for line in output.splitlines() if "chatsite: " in line]
    assert status in (1, 3), output  # uvicorn has its own status
    return sentence


@pytest.fixture
def database(production, tmp_path):
    """The path of the database of `production`, in which somebody has an account."""
    with closing(sqlite3.connect(tmp_path / "chat.sqlite3")) as connection:
        connection.execute(
            "INSERT INTO chat_room"
            " (name, slug, kind, topic, guests_allowed, archived, slow_seconds, locked, by_request,"
            " tells_moderation, last_seq, revision)"
            " VALUES ('Hall', 'hall', 'open', '', 1, 0, 0, 0, 0, 1, 0, 0)"
        )
        connection.commit()
    return tmp_path / "chat.sqlite3"


def cut_off(path):
    os.truncate(path, path.stat().st_size // 2)


def lose_rows_of_the_log(path):
    """Empty a page with rows, as a disk may do: only its index still names them."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            "INSERT INTO chat_message (room_id, seq, kind, name, text, at, guest, removed)"
            " VALUES (1, ?, 'said', 'ann', '', '2026-01-01', 0, 0)",
            [(seq,) for seq in range(1, 50)],
        )
        connection.execute("UPDATE chat_room SET last_seq = 49")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'chat_message'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    empty_table = b"\x0d\0\0\0\0" + size.to_bytes(2, "big") + b"\0"
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(empty_table.ljust(size, b"\0"))


def write_something_else(path):
    path.write_text("This is not a database, though it is long enough to be looked at. " * 40)


def keep_only_the_log(path):
    path.write_bytes(b"")
    path.with_name(f"{path.name}-wal").write_bytes(b"the last hours of the site")


def make_a_folder(path):
    path.unlink()
    path.mkdir()


@only_sqlite_files
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (cut_off, "is damaged"),
        (lose_rows_of_the_log, "is damaged"),
        (write_something_else, "is not an SQLite database"),
        (keep_only_the_log, "is empty, but chat.sqlite3-wal beside it is not"),
        (make_a_folder, "is a folder"),
    ],
)
def test_a_file_that_is_no_sound_database_is_refused(production, database, spoil, reason):
    spoil(database)
    assert f"chatsite: the database {database} {reason}" in sentence_of("serve", production)


@only_sqlite_files
@pytest.mark.parametrize("command", ["runserver", "uvicorn"])
def test_every_server_reads_the_newest_rows_before_it_starts(production, database, command):
    lose_rows_of_the_log(database)
    assert f"chatsite: the database {database} is damaged" in sentence_of(command, production)


@only_sqlite_files
def test_a_damaged_database_is_refused_by_commands_too(production, database):
    cut_off(database)
    for command in ("migrate", "check_database"):
        assert "is damaged" in sentence_of(command, production)


@only_sqlite_files
def test_a_whole_check_finds_rows_that_only_an_index_has(production, database):
    lose_rows_of_the_log(database)
    status, output = run_command("check_database", **production)
    assert status == 1
    assert "SQLite's integrity check says: " in output


@only_sqlite_files
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_names_the_cause_when_postgresql_cannot_be_reached(production, command):
    production = production | {"DATABASE_URL": f"postgres://ann@{HOST}:{free_ports(1)[0]}/chat"}
    assert "Connection refused" in sentence_of(command, production)


@only_sqlite_files
def test_a_command_of_django_names_the_cause_at_once_when_postgresql_cannot_be_reached(production):
    production = production | {"DATABASE_URL": f"postgres://ann@{HOST}:{free_ports(1)[0]}/chat"}
    status, output = run_command("changepassword", "ann", **production)
    assert (status, len(output.splitlines())) == (1, 1), output
    assert "Connection refused" in output


@only_sqlite_files
def test_a_missing_database_is_not_created_by_serve(production, database):
    database.unlink()
    assert "`manage.py migrate` creates" in sentence_of("serve", production)
    assert not database.exists()


def add_later_migration(production):
    statement = (
        "INSERT INTO django_migrations (app, name, applied)"
        " VALUES ('chat', '0099_later', '2030-01-01')"
    )
    url = production["DATABASE_URL"]
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute(statement)
            connection.commit()
    else:
        with psycopg.connect(url) as connection:
            connection.execute(statement)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_of_a_newer_version_is_refused(production, command):
    if POSTGRESQL:
        url = copied_database(POSTGRESQL, migrated_database(POSTGRESQL))
        production["DATABASE_URL"] = url
    add_later_migration(production)
    sentence = sentence_of(command, production)
    assert (
        "a newer version has used the database; this one lacks the migrations chat.0099_later"
        in sentence
    )
