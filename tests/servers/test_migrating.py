"""A site of the version before rooms migrates: nothing is lost, and open pages come back."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from tests.support.clients import WebMember
from tests.support.commands import SECRET_KEY
from tests.support.databases import POSTGRESQL, copied_database, migrate
from tests.support.servers import PATIENTLY, Server
from tests.support.site_database import SiteDatabase
from tests.support.starts import PROJECT

pytestmark = pytest.mark.slow

ACCOUNTS, LINES = 5, 400

# Columns that both versions have.
KEPT = [
    'SELECT id, room_id, seq, kind, name, text, at, client_id, author_id, guest, "of", removed'
    " FROM chat_message ORDER BY id",
    "SELECT id, username, key, password FROM chat_user ORDER BY id",
    "SELECT id, user_id, name, key, entered FROM chat_presence ORDER BY id",
    "SELECT id, presence_id, process_id, door, session_key, lost FROM chat_connection ORDER BY id",
    "SELECT id, name, last_seq, revision FROM chat_room ORDER BY id",
]


@pytest.fixture
def url(tmp_path):
    """The URL of an empty database."""
    if POSTGRESQL:
        return copied_database(POSTGRESQL, "template1")
    return f"sqlite:///{tmp_path / 'old.sqlite3'}"


def old_accounts(url):
    """Make a database of the version before; return [(name, session key)]."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.old_site", str(ACCOUNTS), str(LINES)],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


async def come_back(server, accounts):
    """Let pages that were open before come back, and talk."""
    members = [WebMember(server, name, session_key) for name, session_key in accounts]
    for member in members:
        member.entered = LINES - 10  # the last line that the page had
        welcome = await member.enter(after=member.entered)
        assert not welcome["reset"]
        assert [line["seq"] for line in welcome["lines"]] == list(range(LINES - 9, LINES + 1))
        (lobby,) = welcome["rooms"]
        assert (lobby["slug"], lobby["kind"], lobby["unread"]) == ("lobby", "open", 0)
    first, *_, last = members
    assert (await first.say("We are back."))["seq"] == LINES + 1
    assert (await last.until_said("We are back."))["name"] == first.name
    people = [person["name"] for person in (await last.ask("look"))["people"]]
    assert people == [name for name, _ in accounts]
    for member in members:
        await member.leave()


def test_a_site_of_the_version_before_keeps_everything_and_its_pages_come_back(url):
    accounts = old_accounts(url)
    database = SiteDatabase(url)
    before = [database.query(statement) for statement in KEPT]
    assert [len(rows) for rows in before] == [LINES, ACCOUNTS, ACCOUNTS, ACCOUNTS, 1]
    migrate(url)
    assert [database.query(statement) for statement in KEPT] == before
    members = [(one.name, one.role, one.read_seq) for one in database.members()]
    assert members == [(name, "member", LINES) for name, _ in accounts]
    with Server("serve", DATABASE_URL=url, migrated=True, **PATIENTLY) as server:
        assert "sound" in server.manage("check_database")
        asyncio.run(come_back(server, accounts))
        server.assert_no_traceback()
