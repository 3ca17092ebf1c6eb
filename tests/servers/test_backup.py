"""Backups and their restoration, by the commands of chatsite/DATA.md."""

import asyncio
import re
import shutil
import sys

import pytest

from tests.support import documents
from tests.support.clients import TextMember
from tests.support.commands import assert_no_traceback
from tests.support.ports import HOST
from tests.support.servers import Server
from tests.support.services import missing
from tests.support.starts import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

PRODUCTION = {"ALLOWED_HOSTS": "127.0.0.1", "REDIS_URL": ""}


def blocks(heading):
    """Return the blocks of commands below a heading of the document."""
    return documents.command_blocks(documents.section(documents.read("chatsite/DATA.md"), heading))


def run(server, commands):
    """Run commands of the document in the folder of a server's database."""
    commands = commands.replace("db.sqlite3", "chat.sqlite3")
    return server.run("bash", "-euc", commands, cwd=server.folder)


async def let_ann_say(server, texts):
    guest = TextMember(server, "ann")
    await guest.enter()
    for text in texts:
        await guest.say(text)
    guest.write("logout")
    await guest.until_closed()  # so that the name is free


async def history(server):
    """Return the texts of the newest messages."""
    guest = TextMember(server, "reader")
    await guest.enter()
    answer = await guest.ask("history 200", "end of the backup\n")
    return re.findall(r"ann: (.+)\n", answer)


def store(server, content):
    """Write a file into the folder of files, as if somebody had sent it."""
    path = server.folder / "files" / "ab" / "abc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def messages(prefix, count):
    return [f"{prefix} {number} ".ljust(900, "x") for number in range(count)]


def test_an_sqlite_backup_is_restored_after_a_crash_as_the_document_says():
    if not shutil.which("sqlite3"):
        missing("sqlite3")
    make, restore = blocks("SQLite")
    in_backup = [*messages("before", 60), "end of the backup"]
    with Server("serve", **PRODUCTION) as server:
        asyncio.run(let_ann_say(server, in_backup))
        file = store(server, "in the backup")
        run(server, make)
        store(server, "after it")
        asyncio.run(let_ann_say(server, messages("after", 60)))
        server.kill()
        log = server.folder / "chat.sqlite3-wal"
        assert log.stat().st_size > 100_000, "the crash left no write-ahead log"
        run(server, restore)
        assert "is sound" in server.manage("check_database")
        assert file.read_text() == "in the backup"
        server.start()
        assert asyncio.run(history(server)) == in_backup


def test_a_copy_beside_the_old_write_ahead_log_is_refused():
    with Server("serve", **PRODUCTION) as server:
        asyncio.run(let_ann_say(server, messages("before", 60)))
        run(server, "sqlite3 db.sqlite3 \"VACUUM INTO 'backup.sqlite3'\"")
        asyncio.run(let_ann_say(server, messages("after", 60)))
        server.kill()
        run(server, "cp backup.sqlite3 db.sqlite3")
        with pytest.raises(AssertionError, match=r"chatsite: the database .* is damaged"):
            server.start()
        assert_no_traceback(server.output)


def test_a_postgresql_backup_is_restored_as_the_document_says(postgresql):
    make, restore, _ = [*blocks("PostgreSQL"), *blocks("Checks")]
    url = postgresql.create_migrated_database()
    name = url.rpartition("/")[2]
    address = f"--host={HOST} --port={postgresql.port} --username=chat"

    def here(commands, folder):
        """Let commands of the document use this cluster, whose only user is called chat."""
        commands = commands.replace("/var/lib/chatsite", str(folder))
        commands = re.sub(r"runuser -u \w+ -- (\w+)", rf"\1 {address}", commands)
        commands = commands.replace("--owner=chatsite", "--owner=chat")
        commands = commands.replace("chatsite-manage", f"{sys.executable} {PROJECT}/manage.py")
        return re.sub(r"(?<=[ =])chatsite(?=\s|$)", name, commands)

    in_backup = [*messages("before", 60), "end of the backup"]
    with Server("serve", migrated=True, DATABASE_URL=url, **PRODUCTION) as server:
        make, restore = here(make, server.folder), here(restore, server.folder)
        assert name in make
        asyncio.run(let_ann_say(server, in_backup))
        file = store(server, "in the backup")
        run(server, make)
        store(server, "after it")
        asyncio.run(let_ann_say(server, messages("after", 10)))
        assert server.stop() == 0
        assert "is sound" in run(server, restore)
        assert file.read_text() == "in the backup"
        server.start()
        assert asyncio.run(history(server)) == in_backup
