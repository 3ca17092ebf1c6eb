"""A site moves from SQLite to PostgreSQL, by the commands of chatsite/DATA.md."""

import asyncio
import os
import subprocess
import sys
from uuid import uuid4

import pytest

from tests.support import documents
from tests.support.clients import TextMember
from tests.support.delivery import web_members, whole_log
from tests.support.servers import PATIENTLY, Server
from tests.support.starts import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.same_on_every_database]

PRODUCTION = {"ALLOWED_HOSTS": "127.0.0.1", "REDIS_URL": ""}


def move(server, url):
    """Stop the server, follow chatsite/DATA.md, and start it on the new database."""
    assert server.stop() == 0
    document = documents.read("chatsite/DATA.md")
    moving = documents.section(document, "Moving from SQLite to PostgreSQL")
    saving, loading = documents.command_blocks(moving)
    assert (saving + loading).count("chatsite-manage") == 4
    run(server, saving)
    server.environment["DATABASE_URL"] = url
    run(server, loading)
    server.start()


def run(server, commands):
    """Run commands of the document with the settings of the server."""
    commands = commands.replace("chatsite-manage", f"{sys.executable} manage.py")
    done = subprocess.run(
        ["bash", "-euc", commands.replace("chat.jsonl", str(server.folder / "chat.jsonl"))],
        cwd=PROJECT,
        env={**os.environ, **server.environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


async def talk(server, alice, bob):
    """Say things that a copy could spoil, at both doors.

    Returns (the whole log, the `client_id` of the last message).
    """
    guest = TextMember(server, "carol")
    for member in (alice, bob, guest):
        await member.enter()
    await alice.say('"quoted" \\\\ back\\slash, a tab\t, two\nlines, \N{GRINNING FACE} \u2028')
    await guest.say("from the other door")
    line = await bob.say("regrettable")
    await asyncio.to_thread(
        server.manage,
        *("shell", "-v0", "-c"),
        "from chat.models import *\nfrom chat.room import removing\n"
        f"removing.remove(1, [{line['seq']}], User.objects.get(username='{bob.name}'))",
    )
    await alice.until_line(lambda line: line["kind"] == "removed")
    client_id = uuid4()
    await alice.say("last words on SQLite", client_id)
    await guest.leave()
    await alice.until_line(lambda line: (line["kind"], line["name"]) == ("left", "carol"))
    return await whole_log(alice), client_id


def to_the_millisecond(log):
    """Return the log with times in milliseconds, which are all that Django's JSON keeps."""
    return [line | {"at": line["at"][: len("2026-01-01T00:00:00.000")]} for line in log]


async def continue_conversation(alice, bob, log, client_id):
    """Let both come back with their old sessions, unannounced, and retry the last message."""
    heard = len(alice.lines)
    await alice.resume()
    await bob.resume()
    assert to_the_millisecond(await whole_log(alice)) == to_the_millisecond(log)
    await alice.send(type="say", text="last words on SQLite", client_id=str(client_id))
    said = await alice.until_frame(lambda frame: frame["type"] == "said")
    assert said["seq"] == log[-2]["seq"]
    assert (await bob.say("first words on PostgreSQL"))["seq"] == len(log) + 1
    await alice.until_said("first words on PostgreSQL")
    assert [line["kind"] for line in alice.lines[heard:]] == ["said"]
    people = [person["name"] for person in (await alice.ask("look"))["people"]]
    assert people == [alice.name, bob.name]
    for member in (alice, bob):
        await member.leave()


async def talk_before_and_after_the_move(server, url):
    alice, bob = await asyncio.to_thread(web_members, server, 2)
    log, client_id = await talk(server, alice, bob)
    await asyncio.to_thread(move, server, url)
    await continue_conversation(alice, bob, log, client_id)


def test_a_site_moves_to_postgresql_without_losing_anything(postgresql, tmp_path):
    url = f"sqlite:///{tmp_path / 'chat.sqlite3'}"
    with Server("serve", DATABASE_URL=url, **PRODUCTION, **PATIENTLY) as server:
        asyncio.run(talk_before_and_after_the_move(server, postgresql.create_database("moved")))
        server.assert_no_traceback()
