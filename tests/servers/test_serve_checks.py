"""The refusals of `manage.py serve` to start: one sentence for the operator, and status 1."""

import resource
import socket
import sqlite3
from contextlib import closing

import pytest

from tests.support.commands import assert_no_traceback, run_command
from tests.support.ports import HOST, free_ports

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"DEBUG": "on"}, "DEBUG"),
        ({"SECRET_KEY": ""}, "secrets.token_urlsafe(64)"),
        ({"SECRET_KEY": "x" * 60}, "secrets.token_urlsafe(64)"),
        ({"SECRET_KEY": "0123456789" * 6}, "secrets.token_urlsafe(64)"),
        ({"SECRET_KEY": "n0t-l0ng-en0ugh-f0r-a-key"}, "secrets.token_urlsafe(64)"),
        ({"SECRET_KEY_FALLBACKS": "x" * 60}, "SECRET_KEY_FALLBACKS"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": ","}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "such as chat.example.org"),
        ({"ALLOWED_HOSTS": f"{HOST},*"}, "such as chat.example.org"),
        ({"DATABASE_URL": "postgres://chat@127.0.0.1:1/chat"}, "database"),
    ],
)
def test_serve_refuses_unsafe_or_missing_settings_in_one_sentence(production, change, word):
    status, output = run_command(
        "serve", "--bind", f"{HOST}:{free_ports(1)[0]}", **(production | change)
    )
    assert status == 1
    assert_no_traceback(output)
    (sentence,) = [line for line in output.splitlines() if line.startswith("chatsite:")]
    assert word in sentence


def test_serve_refuses_a_database_with_unapplied_migrations(production, tmp_path):
    change = {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"}
    status, output = run_command("serve", **(production | change))
    assert status == 1
    assert "migrate" in output


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_refuses_a_port_in_use_in_one_sentence(production, workers):
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        taken = f"{HOST}:{other.getsockname()[1]}"
        free = f"{HOST}:{free_ports(1)[0]}"
        for addresses in (
            ("--bind", taken, "--legacy-bind", free),
            ("--bind", free, "--legacy-bind", taken),
        ):
            status, output = run_command("serve", *addresses, "--workers", workers, **production)
            assert status == 1
            assert f"chatsite: {taken} cannot be opened" in output


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_error_that_only_a_worker_finds_stops_all_with_status_1(production, tmp_path, workers):
    with closing(sqlite3.connect(tmp_path / "chat.sqlite3")) as database:
        database.execute(
            "CREATE TRIGGER registering AFTER INSERT ON chat_process"
            " BEGIN INSERT INTO elsewhere VALUES (1); END"
        )
    addresses = ("--bind", f"{HOST}:{free_ports(1)[0]}", "--legacy-bind", "off")
    status, output = run_command("serve", *addresses, "--workers", workers, **production)
    assert status == 1
    assert "chatsite: the database cannot be used: no such table: main.elsewhere" in output
    assert "is replaced" not in output


@pytest.mark.parametrize("host", ["a..b", "x" * 64, "*", "http//x"])
def test_serve_refuses_an_invalid_host_name_in_one_sentence(production, host):
    status, output = run_command("serve", "--bind", f"{host}:8000", **production)
    assert status == 1
    assert_no_traceback(output)
    assert "chatsite: --bind must be ADDR:PORT" in output
    assert "write a host name or an IP address" in output


def test_serve_refuses_an_empty_path_of_a_unix_socket(production):
    """As an operator writes it whose shell variable has no value: no port must be opened."""
    status, output = run_command("serve", "--uds", "", **production)
    assert (status, output) == (1, "chatsite: --uds must be the path of a Unix socket\n")


@pytest.mark.parametrize("option", ["--bind", "--legacy-bind"])
@pytest.mark.parametrize(
    "value", ["8000", "x:y", "127.0.0.1:70000", "127.0.0.1:0", "::1:8000", "[::1]", "[::1:8000"]
)
def test_serve_refuses_an_invalid_address_in_one_sentence(production, option, value):
    status, output = run_command("serve", option, value, **production)
    assert status == 1
    assert f"chatsite: {option} must be ADDR:PORT" in output


@pytest.mark.parametrize("option", ["--bind", "--legacy-bind"])
def test_an_ipv6_address_that_cannot_be_opened_is_named_as_in_a_url(production, option):
    # The address is for documentation (RFC 3849); no machine has it.
    status, output = run_command("serve", option, "[2001:db8::1]:8000", **production)
    assert status == 1
    assert "chatsite: [2001:db8::1]:8000 cannot be opened" in output


def test_serve_refuses_hardly_any_file_descriptors_in_one_sentence(production):
    status, output = run_command("serve", prepare=limit_descriptors(63), **production)
    assert status == 1
    assert_no_traceback(output)
    assert "chatsite: 63 open files are not enough to serve: raise LimitNOFILE" in output


def limit_descriptors(limit):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
