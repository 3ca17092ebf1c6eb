"""The log of a room: everything that happens there is a row, and only this module adds rows.

A row gets its number while the room is locked, in the transaction that inserts it. So the order of
numbers is the order of commits in every process, and a rollback leaves no gap. Old lines may be
deleted, from the first one on: then the log begins later.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

import orjson
from django.db import connection, models, transaction
from django.db.models import F
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from chat.models import STORED, Line, Message, Room
from chat.room import access, changes
from chat.room.access import Reader

ROOM_TABLE, MESSAGE_TABLE = Room._meta.db_table, Message._meta.db_table
FIELDS = {field.attname: field for field in Message._meta.concrete_fields}
LOCKED_FIELDS = [
    "id",
    "kind",
    "guests_allowed",
    "archived",
    "slow_seconds",
    "locked",
    "by_request",
    "last_seq",
]  # in the order of the model
# Columns of new rows. The optional ones are left out of a batch in which no line has them.
OPTIONAL = ("spans", "files")
SET_LATER = ("edited", "reactions")
INSERTED = (
    "room_id",
    *(name for name in STORED if name not in OPTIONAL + SET_LATER),
)
# Each database stores the values of these fields in a form of its own.
ADAPTED_FIELDS = (models.DateTimeField, models.UUIDField)
TRIAL_LENGTH = 200  # characters of the line with which `try_saving` tries


class Counters(NamedTuple):
    """The number of a room's last line, and how often existing lines were rewritten."""

    last_seq: int
    revision: int


class Statements(NamedTuple):
    """The SQL that every batch needs, with placeholders for its arguments."""

    lock: str  # [room ids]; SQLite takes them as JSON
    lock_free: str  # the same, without rooms that another transaction has locked
    lock_lobby: str
    insert: str  # SQLite: one row of `columns`; PostgreSQL: room ids, last_seqs, rows as JSON
    set_last_seq: str  # SQLite alone: [last_seq, room id]


# Locking


def lock(room_id: int) -> Room:
    """Lock a room until the transaction ends, and return it with `LOCKED_FIELDS` loaded.

    A transaction that touches rooms locks them before any other row; any other order deadlocks on
    PostgreSQL. Raises `Room.DoesNotExist`, and TransactionManagementError outside a transaction.
    """
    rooms = lock_many([room_id])
    if not rooms:
        raise Room.DoesNotExist(f"Room {room_id} does not exist.")
    return rooms[room_id]


def lock_many(room_ids: Iterable[int], *, skip_locked: bool = False) -> dict[int, Room]:
    """Lock rooms in the order of their ids, and return {id: room}; unknown rooms are left out.

    With `skip_locked` rooms that another transaction has locked are left out too. A transaction
    that locks some rooms in this way locks those that it waits for first.
    """
    statements = _statements(connection.vendor)
    statement = statements.lock_free if skip_locked else statements.lock
    return {room.pk: room for room in _lock(statement, [_adapt_ids(room_ids)])}


def lock_lobby() -> Room:
    """Lock the lobby: meanwhile nobody can connect or disconnect, and no name can be claimed.

    The lobby has the lowest id of all rooms, so other rooms can be locked afterwards.
    """
    statement = _statements(connection.vendor).lock_lobby
    rooms = _lock(statement, [])
    if not rooms:  # the site has never been started
        Room.first()
        rooms = _lock(statement, [])
    return rooms[0]


def _lock(statement, arguments):
    if not connection.in_atomic_block:  # PostgreSQL would release the lock at once
        raise TransactionManagementError("A room can only be locked in a transaction.")
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        rows = cursor.fetchall()
    return [Room.from_db(connection.alias, LOCKED_FIELDS, row) for row in rows]


def _adapt_ids(ids):
    return list(ids) if connection.vendor == "postgresql" else orjson.dumps(list(ids)).decode()


def room_ids() -> list[int]:
    """Return the ids of all rooms, in the order in which several rooms are locked."""
    return list(Room.objects.order_by("pk").values_list("pk", flat=True))


# Adding and rewriting rows


def append(room: Room, lines: Sequence[Line]) -> list[Line]:
    """Add lines to the log of a locked room, and return them with their numbers."""
    numbered = _number(room, lines)
    append_numbered([(room, numbered)])
    return numbered


def append_to_many(parts: Iterable[tuple[Room, Sequence[Line]]]) -> None:
    """Add lines to the logs of several locked rooms."""
    append_numbered([(room, _number(room, lines)) for room, lines in parts])


def _number(room, lines):
    first = room.last_seq + 1
    return [line._replace(seq=seq) for seq, line in enumerate(lines, first)]


def append_numbered(parts: Iterable[tuple[Room, Sequence[Line]]]) -> None:
    """Add lines to the logs of several locked rooms.

    The lines of each room have the numbers that follow its `last_seq`, in their order.
    """
    grown = [(room, lines) for room, lines in parts if lines]
    for room, lines in grown:
        room.last_seq = lines[-1].seq
    if grown:
        _insert(grown)
    for room, _ in grown:
        changes.announce(room.pk)


def count_rewriting(room_id: int) -> None:
    """Count a rewriting of existing lines, so that processes read their cached lines again."""
    Room.objects.filter(pk=room_id).update(revision=F("revision") + 1)
    changes.announce(room_id)


def try_saving(room_id: int) -> None:
    """Save a line, as messages are saved, and take it back in the same transaction.

    Raises what saving a message would raise, such as OperationalError when the disk is full.
    """
    with transaction.atomic():
        line = Message(room=lock(room_id), seq=0, kind=Message.Kind.NOTICE, at=timezone.now())
        line.text = "x" * TRIAL_LENGTH
        line.save(force_insert=True)
        line.delete()


def adapt(name: str, values: Iterable[Any]) -> list[Any]:
    """Convert the values of one column of the log to the form that the database takes."""
    field = FIELDS[name]
    if isinstance(field, models.JSONField):
        return [None if value is None else orjson.dumps(value).decode() for value in values]
    if not isinstance(field, ADAPTED_FIELDS):
        return list(values)
    values = list(values)
    # All lines of a batch share one time, so each distinct value is converted once.
    adapted = {value: field.get_db_prep_save(value, connection) for value in set(values)}
    return [adapted[value] for value in values]


@cache
def _statements(vendor, columns=INSERTED):
    """Return the `Statements`. They are built once: querysets take longer than the database."""
    room = f"SELECT {', '.join(LOCKED_FIELDS)} FROM {ROOM_TABLE}"
    lobby = f"{room} WHERE id = (SELECT MIN(id) FROM {ROOM_TABLE})"
    insert = f"INSERT INTO {MESSAGE_TABLE} ({', '.join(columns)})"
    if vendor == "sqlite":  # BEGIN IMMEDIATE has locked the whole database
        lock = f"{room} WHERE id IN (SELECT value FROM json_each(%s)) ORDER BY id"
        return Statements(
            lock=lock,
            lock_free=lock,
            lock_lobby=lobby,
            insert=f"{insert} VALUES ({', '.join(['%s'] * len(columns))})",
            set_last_seq=f"UPDATE {ROOM_TABLE} SET last_seq = %s WHERE id = %s",
        )
    # NO KEY lets the foreign keys of rows that are inserted meanwhile point at the room. With
    # FOR UPDATE a transaction that inserts such a row could wait for one that waits for it.
    lock = f"{room} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
    # All rows are one JSON value: psycopg would spend most of a batch on quoting thousands of
    # values. The numbers are set in the same statement, since each statement costs a round trip.
    typed = ", ".join(f"{name} {FIELDS[name].db_type(connection)}" for name in columns)
    set_last_seq = (
        f"UPDATE {ROOM_TABLE} AS room SET last_seq = grown.last_seq"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS grown (id, last_seq) WHERE room.id = grown.id"
    )
    return Statements(
        lock=lock,
        lock_free=f"{lock} SKIP LOCKED",
        lock_lobby=f"{lobby} FOR NO KEY UPDATE",
        insert=f"WITH numbered AS ({set_last_seq}) {insert}"
        f" SELECT * FROM json_to_recordset(%s) AS row ({typed})",
        set_last_seq="",
    )


def _insert(parts):
    """Insert numbered lines of several rooms, and store the new `last_seq` of each room.

    `bulk_create` takes several times as long, because it builds an object for each row; see
    `tests.benchmarks.saving`.
    """
    lines = [line for _, lines in parts for line in lines]
    has_optional = any(line.spans or line.files for line in lines)
    columns = INSERTED + OPTIONAL if has_optional else INSERTED
    values = attrgetter(*columns[1:])
    rows = [(room.pk, *values(line)) for room, lines in parts for line in lines]
    statements = _statements(connection.vendor, columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            adapted = [
                adapt(name, column)
                for name, column in zip(columns, zip(*rows, strict=True), strict=True)
            ]
            cursor.executemany(statements.insert, list(zip(*adapted, strict=True)))
            cursor.executemany(
                statements.set_last_seq, [(room.last_seq, room.pk) for room, _ in parts]
            )
        else:
            named = [dict(zip(columns, row, strict=True)) for row in rows]
            numbers = [[room.pk for room, _ in parts], [room.last_seq for room, _ in parts]]
            cursor.execute(statements.insert, [*numbers, orjson.dumps(named).decode()])


# Reading


def after(room_id: int, seq: int, limit: int) -> list[Line]:
    """Return the next lines after a number, oldest first, at most `limit`."""
    rows = Message.objects.filter(room_id=room_id, seq__gt=seq).order_by("seq")
    return rows[:limit].lines()


def before(room_id: int, seq: int, limit: int) -> list[Line]:
    """Return the newest lines before a number, oldest first, at most `limit`."""
    rows = Message.objects.filter(room_id=room_id, seq__lt=seq).order_by("-seq")
    return rows[:limit].lines()[::-1]


def messages_until(room_id: int, seq: int, limit: int, reader: Reader | None = None) -> list[Line]:
    """Return the newest messages up to a number that were not removed, oldest first.

    If a reader is given, the statement returns nothing unless they may read the room.
    """
    rows = Message.objects.filter(
        room_id=room_id, seq__lte=seq, kind=Message.Kind.SAID, removed=False
    ).order_by("-seq")
    if reader is not None:
        rows = rows.filter(access.allows_to_read(room_id, reader))
    return rows[:limit].lines()[::-1]


def oldest(room_id: int) -> int | None:
    """Return the number of the oldest line that the log still has; None if it has no line."""
    rows = Message.objects.filter(room_id=room_id).order_by("seq")
    return rows.values_list("seq", flat=True).first()


def counters() -> dict[int, Counters]:
    """Return {room id: Counters} of all rooms.

    Each process asks for them every second, and a queryset would take ten times as long.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, last_seq, revision FROM {ROOM_TABLE}")
        return {pk: Counters(last_seq, revision) for pk, last_seq, revision in cursor.fetchall()}
