"""Errors in the log: which have a traceback, and those that nobody has caught."""

import json
import os
import subprocess
import sys

import pytest
from django.db import OperationalError, connection

from chatsite.logs import causes
from tests.support.commands import SECRET_KEY
from tests.support.log_lines import HEAD
from tests.support.starts import PROJECT

pytestmark = pytest.mark.same_on_every_database


# Known causes


def test_an_error_of_the_database_is_told_by_its_cause_without_a_traceback(log):
    try:
        raise OperationalError('connection to "db" failed: Connection refused\n\tIs it running?')
    except OperationalError:
        log.logger.exception("%s failed", "poll")
    assert log.messages == [
        'poll failed: connection to "db" failed: Connection refused Is it running?'
    ]


@pytest.mark.django_db
@pytest.mark.only_sqlite
def test_wrong_sql_is_an_error_of_ours_and_keeps_its_traceback(log):
    """SQLite reports it with the same class of error as a full disk."""
    try:
        connection.cursor().execute("SELECT nothing")
    except OperationalError as error:
        assert not causes.is_outage(error)
        log.logger.exception("failed")
    assert any("Traceback" in line for line in log.lines)


def test_refused_requests_are_warnings_without_a_traceback(log):
    try:
        raise ValueError("odd")
    except ValueError:
        log.named("django.security.DisallowedHost").exception("Invalid host")
    assert HEAD.fullmatch(log.lines[0])["level"] == "WARNING"
    assert log.messages == ["Invalid host"]


def test_errors_of_clients_have_no_traceback_and_those_of_the_site_have_one(log):
    requests = log.named("django.request")
    try:
        raise PermissionError("odd")
    except PermissionError:
        requests.warning("Forbidden: %s", "/admin/", exc_info=True)
        assert log.messages == ["Forbidden: /admin/"]
        requests.error("Internal Server Error: %s", "/", exc_info=True)
    assert any("Traceback" in line for line in log.lines)


def test_an_error_without_a_message_has_a_cause_all_the_same():
    assert causes.describe(KeyError()) == "KeyError"
    assert causes.describe(TimeoutError()) == "no answer in time"


# Errors that nobody has caught


def run_python(*lines):
    """Run a script that has loaded the site, and return what it writes to standard error."""
    script = "\n".join(["import threading, chatsite.asgi", *lines])
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env={**os.environ, "SECRET_KEY": SECRET_KEY, "LOG_FORMAT": "json"},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stderr.splitlines()


@pytest.mark.slow
def test_errors_that_end_a_thread_or_the_process_are_lines_too():
    lines = run_python(
        "def fail(): raise ValueError('odd')",
        "thread = threading.Thread(target=fail, name='worker')",
        "thread.start()",
        "thread.join()",
        "fail()",
    )
    told = [(line["level"], line["message"]) for line in map(json.loads, lines)]
    assert told == [
        ("ERROR", "The thread worker ends because of an error"),
        ("CRITICAL", "The process ends because of an error"),
    ]
