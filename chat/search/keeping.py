"""The index follows the logs: each step reads the next lines of some rooms, in one transaction.

A room is kept by one step at a time, whichever process runs it: the step locks the room's cursor,
and skips those that others have locked. When a process dies, the database ends its transaction, and
the next step of any other process goes on. A line says which message has changed, and the message
is read from its present row. A message that was edited or removed since is therefore indexed as it
is now, and indexed again at its later line.
"""

from collections.abc import Collection, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction

from chat.models import IndexCursor, IndexedMessage, Message
from chat.models.search_index import WORDS_TABLE
from chat.room.log import MESSAGE_TABLE, ROOM_TABLE
from chat.search import entries

Kind = Message.Kind

MAX_STEP = 500  # messages of a step
WINDOW = 2000  # lines of a room that a step reads at most; few of them need be messages
MAX_ROOMS = 50  # of a step

CURSOR_TABLE = IndexCursor._meta.db_table
ENTRY_TABLE = IndexedMessage._meta.db_table
FORGETTING_TRIGGER = f"{WORDS_TABLE}_delete"  # see the migration
# Kinds of lines that change what is found of an earlier message, besides what is said.
CHANGES = ("edited", "removed", "restored")


class Lagging(NamedTuple):
    """A room whose log goes on after its cursor."""

    room_id: int
    seq: int
    last_seq: int


class Row(NamedTuple):
    """A line of the log, as far as it is indexed."""

    seq: int
    kind: str
    of: int | None
    id: int
    name: str
    text: str
    spans: Any
    files: Any
    removed: bool


class Step(NamedTuple):
    """The result of a step: the messages that it has read, and whether any room was left behind."""

    messages: int
    more: bool


LAGGING = f"""
    SELECT kept.room_id, kept.seq, room.last_seq FROM {CURSOR_TABLE} AS kept
    JOIN {ROOM_TABLE} AS room ON room.id = kept.room_id
    WHERE room.last_seq > kept.seq ORDER BY room.last_seq - kept.seq LIMIT {MAX_ROOMS}
"""
# On SQLite the transaction has locked the whole database.
LOCK = {"postgresql": "FOR UPDATE OF kept SKIP LOCKED", "sqlite": ""}
ROOMS_WITHOUT = f"""
    SELECT id, 0 FROM {ROOM_TABLE} AS room WHERE last_seq > 0
        AND NOT EXISTS (SELECT 1 FROM {CURSOR_TABLE} WHERE room_id = room.id)
"""
NEW_CURSORS = f"INSERT INTO {CURSOR_TABLE} (room_id, seq) {ROOMS_WITHOUT}"
# Most lines are messages, so what is indexed of them is read at once.
COLUMNS = ", ".join(Row._fields)
LINES = f"""
    SELECT {COLUMNS} FROM {MESSAGE_TABLE}
    WHERE room_id = %s AND seq > %s AND seq <= %s
        AND kind IN ('{Kind.SAID.value}', {", ".join(f"'{kind}'" for kind in CHANGES)})
    ORDER BY seq LIMIT %s
"""
# With a condition on `kind`, PostgreSQL may read all messages of the room through the index of it.
CHANGED = f"SELECT {COLUMNS} FROM {MESSAGE_TABLE} WHERE room_id = %s AND seq IN"
UPSERT = "ON CONFLICT (message_id) DO UPDATE SET terms = excluded.terms"
PUT = {
    "postgresql": f"INSERT INTO {ENTRY_TABLE} (message_id, room_id, terms)"
    " SELECT id, room, terms::tsvector FROM json_to_recordset(%s)"
    f" AS row (id bigint, room bigint, terms text) {UPSERT}",
    "sqlite": f"INSERT INTO {ENTRY_TABLE} (message_id, room_id, terms)"
    " SELECT json_extract(value, '$.id'), json_extract(value, '$.room'),"
    f" json_extract(value, '$.terms') FROM json_each(%s) WHERE true {UPSERT}",
}


def lagging() -> bool:
    """Return whether any log goes on after its cursor, or a room has no cursor yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM {ROOM_TABLE} AS room LEFT JOIN {CURSOR_TABLE} AS kept"
            " ON kept.room_id = room.id WHERE room.last_seq > COALESCE(kept.seq, 0))"
        )
        return bool(cursor.fetchone()[0])


def step(limit: int = MAX_STEP) -> Step:
    """Index the next messages of the rooms that lag least, at most `limit`.

    If this transaction is lost in a power cut, the cursors are lost with it. So it does not wait
    until it is on the disk.
    """
    _make_cursors()
    left, behind = limit, False
    with _not_waiting_for_the_disk(), transaction.atomic():
        if connection.vendor == "postgresql":
            _execute("SET LOCAL synchronous_commit = off")
        rooms = _lock_lagging()
        for room in rooms:
            if left <= 0:
                return Step(limit - left, more=True)
            count, is_behind = _follow(room, left)
            left -= count
            behind = behind or is_behind
    return Step(limit - left, more=behind or len(rooms) == MAX_ROOMS)


def _make_cursors():
    """Make the cursors of new rooms, before the step: others would wait for them until its end."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({ROOMS_WITHOUT})")
        if cursor.fetchone()[0]:
            cursor.execute(f"{NEW_CURSORS} ORDER BY id ON CONFLICT DO NOTHING")


@contextmanager
def _not_waiting_for_the_disk():
    """Let SQLite's commits not wait for the disk. The next commit that waits writes these too."""
    is_sqlite = connection.vendor == "sqlite" and not connection.in_atomic_block
    if is_sqlite:
        _execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        if is_sqlite:
            _execute("PRAGMA synchronous = FULL")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _lock_lagging() -> list[Lagging]:
    with connection.cursor() as cursor:
        cursor.execute(f"{LAGGING} {LOCK[connection.vendor]}")
        return [Lagging(*row) for row in cursor.fetchall()]


def _follow(room: Lagging, limit: int) -> tuple[int, bool]:
    """Index the next messages of a room. Returns how many there were, and whether more follow."""
    end = min(room.last_seq, room.seq + WINDOW)
    lines = _read(LINES, [room.room_id, room.seq, end, limit])
    said = {line.seq: line for line in lines if line.kind == Kind.SAID}
    changed = {line.of for line in lines if line.of and line.kind != Kind.SAID} - said.keys()
    if lines:
        _put(room.room_id, [*said.values(), *_messages(room.room_id, changed)])
    if len(lines) == limit:
        end = lines[-1].seq
    elif not lines and end < room.last_seq:
        end = _before_next(room.room_id, end)
    IndexCursor.objects.filter(pk=room.room_id).update(seq=end)
    return len(lines), end < room.last_seq


def _before_next(room_id, seq):
    """Return the number before the next line: old lines may have been deleted."""
    later = Message.objects.filter(room_id=room_id, seq__gt=seq).order_by("seq")
    return max(seq, (later.values_list("seq", flat=True).first() or seq + 1) - 1)


def _messages(room_id: int, seqs: Collection[int]) -> list[Row]:
    """Return the messages that have these numbers."""
    if not seqs:
        return []
    numbers = ", ".join(["%s"] * len(seqs))
    rows = _read(f"{CHANGED} ({numbers})", [room_id, *seqs])
    return [row for row in rows if row.kind == Kind.SAID]


def _read(statement: str, arguments: Sequence[int]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return [Row(*row) for row in cursor.fetchall()]


def _put(room_id: int, rows: Sequence[Row]) -> None:
    """Make the entries of some messages those of their present rows."""
    removed = [row.id for row in rows if row.removed]
    if removed:
        IndexedMessage.objects.filter(pk__in=removed).delete()
    vendor = connection.vendor  # takes long to look up, so once for all
    encode = entries.for_postgresql if vendor == "postgresql" else entries.for_sqlite
    present = [
        {"id": row.id, "room": room_id, "terms": encode(*_terms(room_id, row))}
        for row in rows
        if not row.removed
    ]
    if present:
        with connection.cursor() as cursor:
            cursor.execute(PUT[vendor], [orjson.dumps(present).decode()])


def _terms(room_id, row):
    spans = orjson.loads(row.spans) if isinstance(row.spans, str) else row.spans
    return entries.terms_of(room_id, row.name, row.text, spans, _has_files(row.files))


def _has_files(files):
    return files not in (None, "null", "[]", [])


def begin_anew() -> None:
    """Empty the index, so that the next steps index everything again."""
    with transaction.atomic():
        IndexCursor.objects.all().delete()
        if connection.vendor == "postgresql":
            _execute(f"TRUNCATE {ENTRY_TABLE}")
        else:
            _empty_sqlite()


def _empty_sqlite():
    """Empty both tables at once. The trigger would forget millions of rows one by one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [FORGETTING_TRIGGER])
        (trigger,) = cursor.fetchone()
        cursor.execute(f"DROP TRIGGER {FORGETTING_TRIGGER}")
        cursor.execute(f"INSERT INTO {WORDS_TABLE} ({WORDS_TABLE}) VALUES ('delete-all')")
        cursor.execute(f"DELETE FROM {ENTRY_TABLE}")
        cursor.execute(trigger)
