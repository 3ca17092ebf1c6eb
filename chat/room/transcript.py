"""The rules of what is said: say, remove, and forget the author of a deleted account."""

import json
from collections.abc import Sequence
from datetime import datetime
from time import monotonic, sleep
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from chat.models import Connection, Line, Message, Presence, User
from chat.names.usernames import DELETED_USER
from chat.room import log
from chat.room.refusal import RefusalCode, Refused

Kind = Message.Kind

FORGOTTEN_PER_TRANSACTION = 1000  # lines of a deleted account


class Saying(NamedTuple):
    """A clean text that the person behind a connection says. Guests have no `client_id`."""

    connection_id: int
    text: str
    client_id: UUID | None = None


class Said(NamedTuple):
    """A saved saying: its number, and its new line unless it had been said before (`again`)."""

    seq: int
    again: bool = False
    line: Line | None = None


class Speaker(NamedTuple):
    """The person behind a connection, and the number of their saying if it is in the log.

    The name is empty when the connection is not in the room.
    """

    user_id: int | None
    name: str
    seq: int | None


@transaction.atomic
def say(room_id: int, sayings: Sequence[Saying]) -> list[Said | Refused]:
    """Save sayings in one transaction, and return a `Said` or `Refused` for each, in their order.

    A saying is refused when its connection is no longer in the room, because somebody has ended it
    or its process was declared dead. A saying that repeats a `client_id` keeps its first number.
    """
    room = log.lock(room_id)
    now = timezone.now()
    lines: list[Line] = []
    results: list[Said | Refused] = []
    # The numbers of this batch, since a client id may be repeated in it.
    new_numbers: dict[tuple[int | None, UUID | None], int] = {}
    for saying, speaker in zip(sayings, _speakers(room, sayings), strict=True):
        identity = (speaker.user_id, saying.client_id)
        seq = speaker.seq or new_numbers.get(identity)
        if not speaker.name:
            results.append(Refused(RefusalCode.NOT_IN_ROOM))
        elif seq is not None:
            results.append(Said(seq, again=True))
        else:
            line = _said_line(saying, speaker, now, seq=room.last_seq + len(lines) + 1)
            if saying.client_id is not None:
                new_numbers[identity] = line.seq
            lines.append(line)
            results.append(Said(line.seq, line=line))
    log.append(room, lines)
    return results


SAYINGS = {
    "postgresql": "unnest(%s::bigint[], %s::uuid[]) WITH ORDINALITY"
    " AS saying (connection_id, client_id, place)",
    "sqlite": "(SELECT json_extract(value, '$[0]') AS connection_id,"
    " json_extract(value, '$[1]') AS client_id, key AS place FROM json_each(%s)) AS saying",
}
# Each step uses a unique index, beginning with the sayings. The outer joins and the subquery fix
# this order; otherwise SQLite may begin with everybody in the room, and PostgreSQL with everything
# that an author has ever said.
SPEAKERS = f"""
    SELECT saying.place, presence.user_id, COALESCE(presence.name, ''), (
        SELECT said.seq FROM {log.MESSAGE_TABLE} AS said
        WHERE said.room_id = presence.room_id
            AND said.client_id = saying.client_id AND said.author_id = presence.user_id
    )
    FROM {{sayings}}
    LEFT JOIN {Connection._meta.db_table} AS connection ON connection.id = saying.connection_id
    LEFT JOIN {Presence._meta.db_table} AS presence
        ON presence.id = connection.presence_id AND presence.room_id = %s
"""


def _speakers(room, sayings):
    """Return a `Speaker` for each saying, from one statement: the room is locked meanwhile."""
    connection_ids = [saying.connection_id for saying in sayings]
    client_ids = log.adapt("client_id", [saying.client_id for saying in sayings])
    if connection.vendor == "postgresql":
        arguments = [connection_ids, client_ids]
    else:
        arguments = [json.dumps(list(zip(connection_ids, client_ids, strict=True)))]
    with connection.cursor() as cursor:
        cursor.execute(SPEAKERS.format(sayings=SAYINGS[connection.vendor]), [*arguments, room.pk])
        return [Speaker(*found) for _, *found in sorted(cursor.fetchall())]


def _said_line(saying: Saying, speaker: Speaker, now: datetime, seq: int) -> Line:
    return Line(
        seq=seq,
        kind=Kind.SAID.value,
        name=speaker.name,
        at=now,
        text=saying.text,
        client_id=saying.client_id,
        author_id=speaker.user_id,
        guest=speaker.user_id is None,
    )


@transaction.atomic
def remove(room_id: int, seqs: Sequence[int], by: User) -> int:
    """Remove messages: each becomes a tombstone, and a new line says that `by` removed it.

    Lines that are not messages or are removed already are skipped. Returns the number removed.
    """
    room = log.lock(room_id)
    messages = Message.objects.filter(room=room, seq__in=seqs, kind=Kind.SAID, removed=False)
    found = sorted(messages.values_list("seq", flat=True))
    messages.update(removed=True)
    now = timezone.now()
    log.append(
        room,
        [
            Line(kind=Kind.REMOVED.value, name=by.username, author_id=by.pk, at=now, of=seq)
            for seq in found
        ],
    )
    return len(found)


def forget_author(user: User) -> None:
    """Replace the author of an account's lines by the name "deleted user", in every room.

    The lines are rewritten some at a time, each part in a transaction of its own, so that others
    can speak meanwhile. A repeated call continues where the last one ended. Until the end members
    may see either name.
    """
    for room_id in log.room_ids():
        started = monotonic()
        while not _forget_some(room_id, user):
            # Pause for as long as others had to wait. SQLite's lock has no queue, so a writer that
            # asks again at once would nearly always get it first.
            sleep(monotonic() - started)
            started = monotonic()


@transaction.atomic
def _forget_some(room_id, user):
    """Forget the author of some lines. Returns whether these were the last.

    After the last ones the room's `revision` changes, so that cached lines are read again.
    """
    log.lock(room_id)
    some = Message.objects.filter(room_id=room_id, author=user).values("pk")
    some = some[:FORGOTTEN_PER_TRANSACTION]
    # The author is cleared too. Otherwise deleting the account would rewrite all of them again,
    # in one transaction.
    count = Message.objects.filter(pk__in=some).update(name=DELETED_USER, author=None)
    is_last = count < FORGOTTEN_PER_TRANSACTION
    if is_last:
        log.count_rewriting(room_id)
    return is_last
