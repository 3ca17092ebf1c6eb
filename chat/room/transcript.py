"""The log of a room: everything that happens there is a row, and this module alone writes them.

The number of a row is taken while the room is locked, in the transaction that inserts it. So the
order of numbers is the order of commits in every process, and a rollback leaves no hole.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone

from chat.models import Connection, Line, Message, Room
from chat.names import DELETED_USER
from chat.room.refusal import GONE, Refused

Kind = Message.Kind


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
    """The room, locked until the transaction ends. Always lock it first, before other rows."""
    return Room.objects.select_for_update().get(pk=room_id)


def append(room, rows):
    """Number the rows and add them to the log of a locked room. Returns their numbers."""
    first = room.last_seq + 1
    seqs = range(first, first + len(rows))
    if rows:
        _insert({"room_id": [room.pk] * len(rows), "seq": seqs, **_columns(rows)})
        room.last_seq = seqs[-1]
        Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq)
    return seqs


def _columns(rows):
    columns = dict(zip(Row._fields, zip(*rows, strict=True), strict=True))
    plain = [str(kind) for kind in columns["kind"]]
    return columns | {"kind": plain, "removed": [False] * len(rows)}


FIELDS = {field.attname: field for field in Message._meta.concrete_fields}
ADAPTED = (models.DateTimeField, models.UUIDField)  # what databases keep each in their own way


def _insert(columns):
    """Insert rows of the log, given by column.

    `bulk_create` makes an object of each row and asks each field for each value, which takes
    several times as long as the database does; see `tests.benchmarks.saving`.
    """
    quote = connection.ops.quote_name
    table = quote(Message._meta.db_table)
    names = ", ".join(quote(FIELDS[name].column) for name in columns)
    values = [_adapted(FIELDS[name], column) for name, column in columns.items()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # An array for each column: a list of rows is a text with thousands of values, which
            # takes psycopg to write and the server to parse as long as the rest together.
            arrays = ", ".join(f"%s::{_type(FIELDS[name])}[]" for name in columns)
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})", values)
        else:
            marks = ", ".join(["%s"] * len(columns))
            rows = list(zip(*values, strict=True))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def _adapted(field, values):
    if isinstance(field, ADAPTED):
        # Each value once: a batch has one time.
        known = {value: field.get_db_prep_save(value, connection) for value in set(values)}
        return [known[value] for value in values]
    return list(values)


def _type(field):
    """The column's type, without its length: an array element would be cut to it."""
    return field.db_type(connection).partition("(")[0]


@transaction.atomic
def say(room_id, sayings):
    """Save what is said, all in one transaction.

    Returns, in the order of `sayings`, a `Said` or a `Refused` for each: refused is who has no
    connection in the room any more (a process that was frozen, somebody just put out). What was
    said already under the same `client_id` keeps its number.
    """
    room = lock(room_id)
    speakers = _speakers(room, sayings)
    numbers = _said_already(room, sayings)
    now = timezone.now()
    results, rows = [], []
    for saying in sayings:
        user_id, name = speakers.get(saying.connection_id, (None, None))
        identity = (user_id, saying.client_id)
        if name is None:
            results.append(Refused(GONE))
        elif saying.client_id is not None and identity in numbers:
            results.append(Said(numbers[identity], again=True))
        else:
            seq = numbers[identity] = room.last_seq + len(rows) + 1
            row = _said_row(saying, user_id, name, now)
            rows.append(row)
            results.append(Said(seq, line=_line(seq, row)))
    append(room, rows)
    return results


def _speakers(room, sayings):
    """{connection id: (user id, name)} of those who are in the room."""
    # The room is compared here: asked of the database, SQLite may begin with everybody in it.
    found = Connection.objects.filter(
        pk__in={saying.connection_id for saying in sayings}
    ).values_list("pk", "presence__room", "presence__user", "presence__name")
    return {pk: (user_id, name) for pk, room_id, user_id, name in found if room_id == room.pk}


def _said_already(room, sayings):
    """{(user id, client id): seq} of those sayings that are in the log."""
    client_ids = {saying.client_id for saying in sayings} - {None}
    if not client_ids:
        return {}
    found = Message.objects.filter(room=room, client_id__in=client_ids)
    return {
        (author_id, client_id): seq
        for author_id, client_id, seq in found.values_list("author_id", "client_id", "seq")
    }


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
    """Give the lines of an account the name "deleted user", in every room.

    Rows that are in memory somewhere are read anew because the room's `revision` moves.
    """
    for room_id in Room.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            lock(room_id)
            Message.objects.filter(room_id=room_id, author=user).update(name=DELETED_USER)
            Room.objects.filter(pk=room_id).update(revision=F("revision") + 1)


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
