"""The log of a room: everything that happens there is a row, and this module alone writes them.

The number of a row is taken while the room is locked, in the transaction that inserts it. So the
order of numbers is the order of commits in every process, and a rollback leaves no hole.
"""

import json
from datetime import datetime
from functools import cache
from time import monotonic, sleep
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection, models, transaction
from django.db.models import F
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from chat.models import Line, Message, Room
from chat.names.usernames import DELETED_USER
from chat.room.refusal import GONE, Refused

Kind = Message.Kind

FORGOTTEN_AT_ONCE = 1000  # lines of a deleted account in one transaction


class Saying(NamedTuple):
    """What one connection wants to say. `text` is clean already; guests have no `client_id`."""

    connection_id: int
    text: str
    client_id: UUID | None = None


class Said(NamedTuple):
    """The number that a saying has; its line, or `again` when it had been said before."""

    seq: int
    again: bool = False
    line: Line | None = None


class Row(NamedTuple):
    """What is new about a row of the log; its room and number come with `append`."""

    kind: str
    name: str
    at: datetime
    text: str = ""
    client_id: UUID | None = None
    author_id: int | None = None
    guest: bool = False
    of: int | None = None


def lock(room_id):
    """The room, locked until the transaction ends. Always lock it first, before other rows.

    Raises `Room.DoesNotExist`, and TransactionManagementError when there is no transaction. No more
    of it is read than the number of its last line.
    """
    if not connection.in_atomic_block:  # PostgreSQL would unlock it at once
        raise TransactionManagementError("a room is locked in a transaction")
    with connection.cursor() as cursor:
        cursor.execute(_statements(connection.vendor).lock, [room_id])
        row = cursor.fetchone()
    if row is None:
        raise Room.DoesNotExist(f"there is no room {room_id}")
    return Room.from_db(connection.alias, ["id", "last_seq"], row)


def lock_all():
    """Lock every room until the transaction ends: meanwhile nobody enters, leaves or speaks."""
    for room_id in Room.objects.order_by("pk").values_list("pk", flat=True):
        lock(room_id)


def append(room, rows):
    """Number the rows and add them to the log of a locked room. Returns their numbers."""
    first = room.last_seq + 1
    seqs = range(first, first + len(rows))
    if rows:
        room.last_seq = seqs[-1]
        numbered = zip(seqs, rows, strict=True)
        values = [(room.pk, seq, *row, False) for seq, row in numbered]
        _insert(values, [room.last_seq, room.pk])
    return seqs


ROOM, MESSAGE = Room._meta.db_table, Message._meta.db_table
FIELDS = {field.attname: field for field in Message._meta.concrete_fields}
ADAPTED = (models.DateTimeField, models.UUIDField)  # what databases keep each in their own way
INSERTED = ("room_id", "seq", *Row._fields, "removed")  # columns


class Statements(NamedTuple):
    """What is asked of a database with every batch, as SQL with places for the arguments."""

    lock: str  # [room id]
    insert: str  # values for `INSERTED`; in PostgreSQL those of `count`, and all rows as JSON
    count: str  # [last_seq, room id]


@cache
def _statements(vendor):
    """The `Statements`, made once: querysets that make them anew cost more than the database."""
    lock = f"SELECT id, last_seq FROM {ROOM} WHERE id = %s"
    count = f"UPDATE {ROOM} SET last_seq = %s WHERE id = %s"
    names = ", ".join(INSERTED)
    insert = f"INSERT INTO {MESSAGE} ({names})"
    if vendor == "sqlite":  # BEGIN IMMEDIATE has locked all of it
        marks = ", ".join(["%s"] * len(INSERTED))
        return Statements(lock, f"{insert} VALUES ({marks})", count)
    # One value: to quote thousands of them takes psycopg as long as all the rest.
    columns = ", ".join(f"{name} {FIELDS[name].db_type(connection)}" for name in INSERTED)
    # Both in one statement, since each takes a way there and back.
    insert = (
        f"WITH counted AS ({count}) {insert} SELECT * FROM json_to_recordset(%s) AS row ({columns})"
    )
    return Statements(f"{lock} FOR UPDATE", insert, count)


def _insert(rows, counted):
    """Insert rows of the log, with a value for each of `INSERTED`, and count them in their room.

    `bulk_create` makes an object of each row and asks each field for each value, which takes
    several times as long as the database does; see `tests.benchmarks.saving`.
    """
    statements = _statements(connection.vendor)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            columns = zip(INSERTED, zip(*rows, strict=True), strict=True)
            adapted = [_adapted(FIELDS[name], column) for name, column in columns]
            cursor.executemany(statements.insert, list(zip(*adapted, strict=True)))
            cursor.execute(statements.count, counted)
        else:
            named = [dict(zip(INSERTED, row, strict=True)) for row in rows]
            cursor.execute(statements.insert, [*counted, orjson.dumps(named).decode()])


def _adapted(field, values):
    if isinstance(field, ADAPTED):
        # Each value once: a batch has one time.
        known = {value: field.get_db_prep_save(value, connection) for value in set(values)}
        return [known[value] for value in values]
    return list(values)


@transaction.atomic
def say(room_id, sayings):
    """Save what is said, all in one transaction.

    Returns, in the order of `sayings`, a `Said` or a `Refused` for each: refused is who has no
    connection in the room any more (a process that was frozen, somebody just put out). What was
    said already under the same `client_id` keeps its number.
    """
    room = lock(room_id)
    now = timezone.now()
    results, rows = [], []
    numbers = {}  # by (user id, client id), of what this batch itself says
    for saying, (user_id, name, seq) in zip(sayings, _known(room, sayings), strict=True):
        identity = (user_id, saying.client_id)
        seq = seq or numbers.get(identity)
        if name is None:
            results.append(Refused(GONE))
        elif seq is not None:
            results.append(Said(seq, again=True))
        else:
            seq = room.last_seq + len(rows) + 1
            if saying.client_id is not None:
                numbers[identity] = seq
            row = _said_row(saying, user_id, name, now)
            rows.append(row)
            results.append(Said(seq, line=_line(seq, row)))
    append(room, rows)
    return results


SAYINGS = {
    "postgresql": "unnest(%s::bigint[], %s::uuid[]) WITH ORDINALITY"
    " AS saying (connection_id, client_id, place)",
    "sqlite": "(SELECT json_extract(value, '$[0]') AS connection_id,"
    " json_extract(value, '$[1]') AS client_id, key AS place FROM json_each(%s)) AS saying",
}
# Each step is by a unique index, from the sayings on. Left to choose, SQLite may begin with
# everybody in the room, and PostgreSQL with all that an author has said: outer joins and the query
# within leave them no choice.
KNOWN = """
    SELECT saying.place, here.user_id, here.name, (
        SELECT said.seq FROM chat_message AS said
        WHERE said.room_id = here.room_id
            AND said.client_id = saying.client_id AND said.author_id = here.user_id
    )
    FROM {sayings}
    LEFT JOIN chat_connection AS held ON held.id = saying.connection_id
    LEFT JOIN chat_presence AS here ON here.id = held.presence_id AND here.room_id = %s
"""


def _known(room, sayings):
    """(user id, name, seq) for each saying: who says it, and its number if it is in the log.

    All are None for a connection that is not in the room, and the number of what is new. One
    statement for all of it: each takes time while the room is locked.
    """
    connection_ids = [saying.connection_id for saying in sayings]
    client_ids = _adapted(FIELDS["client_id"], [saying.client_id for saying in sayings])
    if connection.vendor == "postgresql":
        arguments = [connection_ids, client_ids]
    else:
        arguments = [json.dumps(list(zip(connection_ids, client_ids, strict=True)))]
    with connection.cursor() as cursor:
        cursor.execute(KNOWN.format(sayings=SAYINGS[connection.vendor]), [*arguments, room.pk])
        return [known for _, *known in sorted(cursor.fetchall())]


def _line(seq, row):
    """What `MessageQuerySet.lines` will make of a row."""
    return Line(seq, row.kind, row.name, row.text, row.at, row.client_id, row.guest, row.of)


def _said_row(saying, user_id, name, now):
    return Row(
        kind=Kind.SAID.value,
        name=name,
        text=saying.text,
        at=now,
        client_id=saying.client_id,
        author_id=user_id,
        guest=user_id is None,
    )


@transaction.atomic
def remove(room_id, seqs, by):
    """Remove messages: each becomes a tombstone, and a new line says so.

    `by` is the user who removes them. What is not a message, or was removed before, is passed
    over. Returns how many were removed.
    """
    room = lock(room_id)
    messages = Message.objects.filter(room=room, seq__in=seqs, kind=Kind.SAID, removed=False)
    found = sorted(messages.values_list("seq", flat=True))
    messages.update(removed=True)
    now = timezone.now()
    append(
        room,
        [
            Row(kind=Kind.REMOVED, name=by.username, author_id=by.pk, at=now, of=seq)
            for seq in found
        ],
    )
    return len(found)


def forget_author(user):
    """Make the lines of an account nobody's, by the name "deleted user", in every room.

    Some at a time, in a transaction of their own, so that others can speak meanwhile. Repeating it
    goes on where it ended; until the end, members may see either name.
    """
    for room_id in Room.objects.order_by("pk").values_list("pk", flat=True):
        began = monotonic()
        while not _forget_some(room_id, user):
            # As long as others waited. SQLite lets nobody in who does not happen to ask just then.
            sleep(monotonic() - began)
            began = monotonic()


@transaction.atomic
def _forget_some(room_id, user):
    """Forget the author of some lines. True when these were the last.

    Then the room's `revision` moves, so that rows that are in memory somewhere are read anew.
    """
    lock(room_id)
    some = Message.objects.filter(room_id=room_id, author=user).values("pk")[:FORGOTTEN_AT_ONCE]
    # The author too: deleting the account would else write them all again, in one transaction.
    count = Message.objects.filter(pk__in=some).update(name=DELETED_USER, author=None)
    last = count < FORGOTTEN_AT_ONCE
    if last:
        Room.objects.filter(pk=room_id).update(revision=F("revision") + 1)
    return last


def after(room_id, seq, limit):
    """The next lines after a number, oldest first, at most `limit`."""
    rows = Message.objects.filter(room_id=room_id, seq__gt=seq).order_by("seq")
    return rows[:limit].lines()


def before(room_id, seq, limit):
    """The newest lines before a number, oldest first, at most `limit`."""
    rows = Message.objects.filter(room_id=room_id, seq__lt=seq).order_by("-seq")
    return rows[:limit].lines()[::-1]


def messages_until(room_id, seq, limit):
    """The newest messages up to a number, oldest first, at most `limit`; no removed ones."""
    rows = Message.objects.filter(
        room_id=room_id, seq__lte=seq, kind=Kind.SAID, removed=False
    ).order_by("-seq")
    return rows[:limit].lines()[::-1]


class Counters(NamedTuple):
    """How far the log of a room has come, and how often written rows were changed."""

    last_seq: int
    revision: int


def counters(room_ids):
    """{room id: Counters}, in one query."""
    rows = Room.objects.filter(pk__in=room_ids).values_list("pk", "last_seq", "revision")
    return {pk: Counters(last_seq, revision) for pk, last_seq, revision in rows}
