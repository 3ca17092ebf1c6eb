"""The log of a room: everything that happens there is a row, and only this module adds rows.

A row gets its number while the room is locked, in the transaction that inserts it. So the order of
numbers is the order of commits in every process, and a rollback leaves no gap.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import orjson
from django.db import connection, models
from django.db.models import F
from django.db.transaction import TransactionManagementError

from chat.models import Line, Message, Room
from chat.room import changes

ROOM_TABLE, MESSAGE_TABLE = Room._meta.db_table, Message._meta.db_table
FIELDS = {field.attname: field for field in Message._meta.concrete_fields}
INSERTED = ("room_id", *Line._fields)  # columns
# Each database stores the values of these fields in a form of its own.
ADAPTED_FIELDS = (models.DateTimeField, models.UUIDField)


class Counters(NamedTuple):
    """The number of a room's last line, and how often existing lines were rewritten."""

    last_seq: int
    revision: int


class Statements(NamedTuple):
    """The SQL that every batch needs, with placeholders for its arguments."""

    lock: str  # [room id]
    insert: str  # SQLite: one row of `INSERTED`; PostgreSQL: last_seq, room id, rows as JSON
    set_last_seq: str  # [last_seq, room id]


# Locking


def lock(room_id: int) -> Room:
    """Lock a room until the transaction ends, and return it with `id` and `last_seq` loaded.

    A transaction that touches a room locks it before any other row; any other order deadlocks on
    PostgreSQL. Raises `Room.DoesNotExist`, and TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:  # PostgreSQL would release the lock at once
        raise TransactionManagementError("A room can only be locked in a transaction.")
    with connection.cursor() as cursor:
        cursor.execute(_statements(connection.vendor).lock, [room_id])
        row = cursor.fetchone()
    if row is None:
        raise Room.DoesNotExist(f"Room {room_id} does not exist.")
    return Room.from_db(connection.alias, ["id", "last_seq"], row)


def lock_all() -> None:
    """Lock every room until the transaction ends: nobody can enter, leave or speak meanwhile."""
    for room_id in room_ids():
        lock(room_id)


def room_ids() -> list[int]:
    """Return the ids of all rooms, in the order in which several rooms are locked."""
    return list(Room.objects.order_by("pk").values_list("pk", flat=True))


# Adding and rewriting rows


def append(room: Room, lines: Sequence[Line]) -> list[Line]:
    """Add lines to the log of a locked room, and return them with their numbers."""
    first = room.last_seq + 1
    numbered = [line._replace(seq=seq) for seq, line in enumerate(lines, first)]
    if numbered:
        room.last_seq = numbered[-1].seq
        _insert(room, numbered)
        changes.announce(room.pk)
    return numbered


def count_rewriting(room_id: int) -> None:
    """Count a rewriting of existing lines, so that processes read their cached lines again."""
    Room.objects.filter(pk=room_id).update(revision=F("revision") + 1)
    changes.announce(room_id)


def adapt(name: str, values: Iterable[Any]) -> list[Any]:
    """Convert the values of one column of the log to the form that the database takes."""
    field = FIELDS[name]
    if not isinstance(field, ADAPTED_FIELDS):
        return list(values)
    values = list(values)
    # All lines of a batch share one time, so each distinct value is converted once.
    adapted = {value: field.get_db_prep_save(value, connection) for value in set(values)}
    return [adapted[value] for value in values]


@cache
def _statements(vendor):
    """Return the `Statements`. They are built once: querysets take longer than the database."""
    lock = f"SELECT id, last_seq FROM {ROOM_TABLE} WHERE id = %s"
    set_last_seq = f"UPDATE {ROOM_TABLE} SET last_seq = %s WHERE id = %s"
    insert = f"INSERT INTO {MESSAGE_TABLE} ({', '.join(INSERTED)})"
    if vendor == "sqlite":  # BEGIN IMMEDIATE has locked the whole database
        placeholders = ", ".join(["%s"] * len(INSERTED))
        return Statements(
            lock=lock, insert=f"{insert} VALUES ({placeholders})", set_last_seq=set_last_seq
        )
    # All rows are one JSON value: psycopg would spend most of a batch on quoting thousands of
    # values. The number is set in the same statement, since each statement costs a round trip.
    columns = ", ".join(f"{name} {FIELDS[name].db_type(connection)}" for name in INSERTED)
    insert = (
        f"WITH numbered AS ({set_last_seq}) {insert}"
        f" SELECT * FROM json_to_recordset(%s) AS row ({columns})"
    )
    return Statements(lock=f"{lock} FOR UPDATE", insert=insert, set_last_seq=set_last_seq)


def _insert(room, lines):
    """Insert numbered lines and store the room's new `last_seq`.

    `bulk_create` takes several times as long, because it builds an object for each row; see
    `tests.benchmarks.saving`.
    """
    statements = _statements(connection.vendor)
    number = [room.last_seq, room.pk]
    rows = [(room.pk, *line) for line in lines]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            columns = zip(INSERTED, zip(*rows, strict=True), strict=True)
            adapted = [adapt(name, column) for name, column in columns]
            cursor.executemany(statements.insert, list(zip(*adapted, strict=True)))
            cursor.execute(statements.set_last_seq, number)
        else:
            named = [dict(zip(INSERTED, row, strict=True)) for row in rows]
            cursor.execute(statements.insert, [*number, orjson.dumps(named).decode()])


# Reading


def after(room_id: int, seq: int, limit: int) -> list[Line]:
    """Return the next lines after a number, oldest first, at most `limit`."""
    rows = Message.objects.filter(room_id=room_id, seq__gt=seq).order_by("seq")
    return rows[:limit].lines()


def before(room_id: int, seq: int, limit: int) -> list[Line]:
    """Return the newest lines before a number, oldest first, at most `limit`."""
    rows = Message.objects.filter(room_id=room_id, seq__lt=seq).order_by("-seq")
    return rows[:limit].lines()[::-1]


def messages_until(room_id: int, seq: int, limit: int) -> list[Line]:
    """Return the newest messages up to a number that were not removed, oldest first."""
    rows = Message.objects.filter(
        room_id=room_id, seq__lte=seq, kind=Message.Kind.SAID, removed=False
    ).order_by("-seq")
    return rows[:limit].lines()[::-1]


def counters(room_ids: Iterable[int]) -> dict[int, Counters]:
    """Return {room id: Counters} from one query."""
    rows = Room.objects.filter(pk__in=room_ids).values_list("pk", "last_seq", "revision")
    return {pk: Counters(last_seq, revision) for pk, last_seq, revision in rows}
