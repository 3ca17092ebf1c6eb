"""The checks of a whole database: what must be true of logs and people, and of references."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from chat.models import Connection, Message, Presence, Room
from chat.room import log, presence, removing, soundness
from chat.room.presence import Entrant
from tests.support.amending import edit, react, remove, reply, restore
from tests.support.log import say


@pytest.fixture
def sound(lobby, alice, bob, process):
    """Fill the lobby: alice, bob and carol entered (1 to 3), alice said something that was removed
    (4, 5), carol left (6), and bob spoke (7)."""
    entrants = [
        Entrant("alice", alice.pk, process, "web"),
        Entrant("bob", bob.pk, process, "web"),
        Entrant("carol", None, process, "legacy"),
    ]
    stays = presence.enter(entrants)
    say(lobby, stays[0], "regrettable")
    removing.remove(lobby.pk, [4], by=bob)
    presence.leave([stays[2].connection_id])
    say(lobby, stays[1], "last")
    return lobby


def line(seq):
    return Message.objects.filter(seq=seq)


def findings():
    return list(soundness.find_all())


def test_a_database_as_the_site_writes_it_has_no_findings(sound, capsys):
    assert findings() == []
    call_command("check_database")
    assert capsys.readouterr().out.endswith("The database is sound.\n")


def test_the_command_prints_each_finding_and_ends_with_status_1(sound, capsys):
    line(6).update(of=4)
    with pytest.raises(SystemExit) as exit_:
        call_command("check_database")
    assert exit_.value.code == 1
    sentences = capsys.readouterr().out
    assert "says that somebody left who entered at line 4, where nobody did" in sentences
    assert "the person who entered at line 3 of room" in sentences


@pytest.mark.parametrize("deleted", [1, 3, 6, 7])
def test_a_log_may_begin_later(sound, deleted):
    Message.objects.filter(seq__lte=deleted).delete()
    assert findings() == []


CHANGES = {
    "line 4 of room {room} is missing": lambda: line(4).delete(),
    "line 7 of room {room} is missing": lambda: line(7).delete(),
    "room {room} has counted 6 lines, but has a line 7": (lambda: Room.objects.update(last_seq=6)),
    "line 6 of room {room} says that somebody left who entered at line 7": (
        lambda: line(6).update(of=7)
    ),
    "line 6 of room {room} says that somebody left who entered at line None": (
        lambda: line(6).update(of=None)
    ),
    "line 5 of room {room} says that line 7 was removed": lambda: line(5).update(of=7),
    "line 5 of room {room} says that line 4 was removed": lambda: line(4).update(removed=False),
    "line 4 of room {room} was removed, but no line says so": lambda: line(5).update(kind="notice"),
    "line 7 of room {room} says that line 1 was edited": (
        lambda: line(7).update(kind="edited", of=1)
    ),
    "line 7 of room {room} says that line 1 was restored": (
        lambda: line(7).update(kind="restored", of=1)
    ),
    "line 7 of room {room} says that line None was reacted to": (
        lambda: line(7).update(kind="reacted")
    ),
    "line 7 of room {room} replies to line 1, which is no message": lambda: line(7).update(of=1),
    "2 lines of room {room} say that the person who entered at line 3 left": (
        lambda: line(7).update(kind="left", of=3)
    ),
    "the person who entered at line 3 of room {room} neither left nor is there": (
        lambda: line(6).update(kind="notice")
    ),
    "the person who entered at line 2 of room {room} left, but is there": (
        lambda: line(7).update(kind="left", of=2)
    ),
    "somebody in room {room} entered at line 4, which does not say so": (
        lambda: Presence.objects.filter(entered=2).update(entered=4)
    ),
    "the person who entered at line 2 of room {room} is there without a connection": (
        lambda: Connection.objects.filter(presence__entered=2).delete()
    ),
}


@pytest.mark.parametrize("sentence", CHANGES)
def test_a_log_that_breaks_a_rule_is_a_finding(sound, sentence):
    CHANGES[sentence]()
    expected = sentence.format(room=sound.pk)
    assert any(found.startswith(expected) for found in findings()), findings()


@pytest.mark.parametrize("deleted", [0, 7, 8])
def test_changes_of_messages_are_sound_whatever_old_lines_are_left(sound, bob, process, deleted):
    (stay,) = presence.enter([Entrant("bob", bob.pk, process, "web")])
    say(sound, stay, "hello")
    reply(sound, stay, 8)
    for change in (remove, restore):
        change(sound, stay, 8)
    edit(sound, stay, 8, "bye")
    react(sound, stay, 8, "👍")
    Message.objects.filter(seq__lte=deleted).delete()
    assert findings() == []
    (answer,) = log.after(sound.pk, 8, 1)
    assert answer.of == 8
    assert answer.quote == (None if deleted == 8 else {"name": "bob", "text": "bye"})


@pytest.mark.only_sqlite
def test_a_row_that_refers_to_nothing_is_a_finding(sound, alice):
    with connection.constraint_checks_disabled():
        connection.cursor().execute("DELETE FROM chat_user WHERE id = %s", [alice.pk])
        expected = f"refers to row {alice.pk} of chat_user, which does not exist"
        assert [found for found in findings() if expected in found]
        Message.objects.filter(author_id=alice.pk).update(author=None)
        presence.expire_all(Connection.objects.filter(presence__user_id=alice.pk))


def test_many_findings_of_one_kind_are_counted_only(sound):
    Message.objects.bulk_create(
        Message(room=sound, seq=seq, kind="said", name="bob", at=sound_time())
        for seq in range(9, 200, 2)
    )
    Room.objects.update(last_seq=199)
    *listed, rest = findings()
    assert len(listed) == 20
    assert rest == "the same is true of more rows than are listed"


def sound_time():
    return line(7).get().at


def test_a_check_reads_one_moment_and_does_not_keep_others_from_writing(sound):
    line(6).update(of=4)
    reading = soundness.find_all()
    first = next(reading)
    with ThreadPoolExecutor(1) as other:
        other.submit(lambda: line(6).update(of=3)).result()
        other.submit(lambda: connection.close()).result()
    assert "who entered at line 4" in first
    assert list(reading), "the change of the other was seen"
    assert findings() == []


def test_a_start_refuses_a_counter_behind_its_log(sound):
    Room.objects.update(last_seq=6)
    with pytest.raises(soundness.UnusableDatabase, match="has counted 6 lines, but has a line 7"):
        soundness.check_at_start()


def test_a_start_refuses_a_database_that_lacks_a_column(sound):
    soundness.check_at_start()
    table = connection.ops.quote_name(Message._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME COLUMN guest TO stranger")
        try:
            with pytest.raises(soundness.UnusableDatabase, match="guest"):
                soundness.check_at_start()
        finally:
            cursor.execute(f"ALTER TABLE {table} RENAME COLUMN stranger TO guest")


@pytest.mark.only_sqlite
@pytest.mark.parametrize(("free", "is_named"), [(4096, True), (1 << 30, False)])
def test_a_full_disk_is_named_as_the_cause(db, monkeypatch, free, is_named):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Mock(free=free))
    for text in ("disk I/O error", "database or disk is full"):
        assert ("its disk is full" in soundness.explain(OperationalError(text))) is is_named
    assert "its disk" not in soundness.explain(OperationalError("database disk image is malformed"))


WRITE_AND_CLOSE = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("UPDATE chat_room SET revision = revision + 1")
database.commit()
database.close()
"""


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    "look",
    [
        soundness.check_at_start,
        findings,
        lambda: soundness.explain(OperationalError("disk I/O error")),
    ],
)
def test_a_check_leaves_the_locks_of_open_connections_alone(sound, look):
    """A process without its locks seems to be gone to the next one that closes the database.

    That one then deletes the write-ahead log, and each of the two goes on with its own.
    """
    look()
    path = connection.settings_dict["NAME"]
    subprocess.run([sys.executable, "-c", WRITE_AND_CLOSE, path], check=True)
    assert Path(f"{path}-wal").exists()
    before = Room.objects.get().revision
    subprocess.run([sys.executable, "-c", WRITE_AND_CLOSE, path], check=True)
    assert Room.objects.get().revision == before + 1
