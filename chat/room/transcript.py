"""The log of a room: everything that happens there is a row, and this module alone writes them.

The number of a row is taken while the room is locked, in the transaction that inserts it. So the
order of numbers is the order of commits in every process, and a rollback leaves no hole.
"""

from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chat.models import Connection, Message, Room
from chat.names import DELETED_USER
from chat.room.refusal import GONE, Refused

Kind = Message.Kind


class Saying(NamedTuple):
    """What one connection wants to say. `text` is clean already; guests have no `client_id`."""

    connection_id: int
    text: str
    client_id: UUID | None = None


class Said(NamedTuple):
    """The number that a saying has; `again` when it had been said before."""

    seq: int
    again: bool = False


def lock(room_id):
    """The room, locked until the transaction ends. Always lock it first, before other rows."""
    return Room.objects.select_for_update().get(pk=room_id)


def append(room, rows):
    """Number the unsaved rows and add them to the log of a locked room."""
    for row in rows:
        room.last_seq += 1
        row.room, row.seq = room, room.last_seq
    Message.objects.bulk_create(rows)
    Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq)


@transaction.atomic
def say(room_id, sayings):
    """Save what is said, all in one transaction.

    Returns, in the order of `sayings`, a `Said` or a `Refused` for each: refused is who has no
    connection in the room any more (a process that was frozen, somebody just put out). What was
    said already under the same `client_id` keeps its number.
    """
    room = lock(room_id)
    speakers = {
        pk: (user_id, name)
        for pk, user_id, name in Connection.objects.filter(
            pk__in={saying.connection_id for saying in sayings}, presence__room=room
        ).values_list("pk", "presence__user_id", "presence__name")
    }
    numbers = _said_already(room, sayings, speakers)
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
            rows.append(_said_row(saying, user_id, name, now))
            results.append(Said(seq))
    append(room, rows)
    return results


def _said_already(room, sayings, speakers):
    """{(user id, client id): seq} of those sayings that are in the log."""
    retries = {saying.client_id for saying in sayings} - {None}
    authors = {user_id for user_id, _ in speakers.values()} - {None}
    if retries and authors:
        found = Message.objects.filter(
            room=room, author_id__in=authors, client_id__in=retries
        ).values_list("author_id", "client_id", "seq")
        numbers = {(author_id, client_id): seq for author_id, client_id, seq in found}
    else:
        numbers = {}
    return numbers


def _said_row(saying, user_id, name, now):
    return Message(
        kind=Kind.SAID,
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
        [Message(kind=Kind.REMOVED, name=by.username, author=by, at=now, of=seq) for seq in found],
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
