"""A moderator's action is done completely or not at all, also when its process is killed."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from tests.support.databases import POSTGRESQL
from tests.support.starts import PROJECT

pytestmark = pytest.mark.slow

FEWEST_STATEMENTS = 5  # of an action: it locks, writes a row, a line and an entry


def test_an_action_that_is_killed_at_any_statement_leaves_all_of_it_or_nothing(garden, stays):
    arguments = "alice", "bob", str(garden.pk), str(stays[1].connection_id)
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.moderating_process", *arguments],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": database_url()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    kills = json.loads(done.stdout.splitlines()[-1])
    assert set(kills) == {"mute", "kick", "ban", "purge", "lock"}
    assert min(kills.values()) >= FEWEST_STATEMENTS, kills


def database_url():
    """Return the URL of the test database."""
    name = connection.settings_dict["NAME"]
    return f"{POSTGRESQL.rpartition('/')[0]}/{name}" if POSTGRESQL else f"sqlite:///{name}"
