"""The counts of unread messages and mentions, for many members and rooms at once.

Messages that were removed, those of the member, and those of people whom the member ignores count
as read. No counter is kept with a message: a room of thousands of members would have to update
thousands of rows for each of them.
"""

from collections.abc import Mapping, Sequence, Set
from itertools import chain, groupby
from operator import itemgetter
from typing import NamedTuple

import orjson
from django.db import connection

from chat.models import Line, Membership, Mention, Message
from chat.names.keys import key_of
from chat.room import asked
from chat.room.asked import PAIRS
from chat.room.ignoring import OBJECT, ignored_sql, ignores_somebody_sql
from chat.room.log import MESSAGE_TABLE

MEMBERSHIP_TABLE, MENTION_TABLE = Membership._meta.db_table, Mention._meta.db_table

MAX_UNREAD = 100  # counts end here; clients show 99+
# Messages after the read position that are looked at, the newest first. It bounds the work for
# members who have said thousands of messages themselves, or of whose rooms thousands were removed.
MAX_SEEN = 1000


class Unread(NamedTuple):
    """The read position of a member in a room, and what follows it; counts end at `MAX_UNREAD`."""

    read: int
    unread: int
    mentions: int


class News(NamedTuple):
    """The messages of a room after a known number, from which counts in memory are kept.

    `said` are (number, author, name of the author) of the newest `MAX_UNREAD` messages, and
    `mentions` are (number, account) of theirs, with None for all members; both are in the order of
    the numbers. `lines` are the messages of which somebody is told, newest first: the newest one,
    and for each account the newest that mentions it. The newest that mentions everybody is followed
    by that of another author, because nobody is told of their own. If somebody ignores the author
    of such a message, those of others follow, up to one whose author nobody ignores.
    """

    said: list[tuple[int, int | None, str]]
    mentions: list[tuple[int, int | None]]
    lines: list[Line]


# Counts of one member in one room, for statements whose rows have `{user}`, `{room}` and `{read}`.
# All are bounded: the inner queries read an index from its end. Those by name are for members who
# ignore somebody: the database does not know the keys of the names that guests had.
UNREAD = f"""(
    SELECT COUNT(*) FROM (
        SELECT 1 FROM (
            SELECT author_id, removed FROM {MESSAGE_TABLE}
            WHERE room_id = {{room}} AND kind = '{Message.Kind.SAID.value}' AND seq > {{read}}
            ORDER BY seq DESC LIMIT {MAX_SEEN}
        ) AS newest
        WHERE NOT removed AND (author_id IS NULL OR author_id <> {{user}}) LIMIT {MAX_UNREAD}
    ) AS counted
)"""
UNREAD_BY_NAME = f"""(
    SELECT {{object}}(name, messages) FROM (
        SELECT name, COUNT(*) AS messages FROM (
            SELECT author_id, name, removed FROM {MESSAGE_TABLE}
            WHERE room_id = {{room}} AND kind = '{Message.Kind.SAID.value}' AND seq > {{read}}
            ORDER BY seq DESC LIMIT {MAX_SEEN}
        ) AS newest
        WHERE NOT removed AND (author_id IS NULL OR author_id <> {{user}}) GROUP BY name
    ) AS counted
)"""
MENTIONS = f"""(
    SELECT COUNT(*) FROM (
        SELECT 1 FROM {MENTION_TABLE}
        WHERE user_id = {{user}} AND room_id = {{room}} AND seq > {{read}}
        UNION ALL
        SELECT 1 FROM {MENTION_TABLE} AS mention
        JOIN {MESSAGE_TABLE} AS said ON said.room_id = mention.room_id AND said.seq = mention.seq
        WHERE mention.user_id IS NULL AND mention.room_id = {{room}} AND mention.seq > {{read}}
            AND (said.author_id IS NULL OR said.author_id <> {{user}})
            AND NOT EXISTS (
                SELECT 1 FROM {MENTION_TABLE} AS own
                WHERE own.user_id = {{user}} AND own.room_id = {{room}} AND own.seq = mention.seq
            )
        LIMIT {MAX_UNREAD}
    ) AS counted
)"""
MENTIONS_BY_NAME = f"""(
    SELECT {{object}}(name, messages) FROM (
        SELECT said.name, COUNT(*) AS messages FROM (
            SELECT seq FROM {MENTION_TABLE}
            WHERE user_id = {{user}} AND room_id = {{room}} AND seq > {{read}}
            UNION
            SELECT seq FROM {MENTION_TABLE}
            WHERE user_id IS NULL AND room_id = {{room}} AND seq > {{read}}
            ORDER BY seq DESC LIMIT {MAX_SEEN}
        ) AS found
        JOIN {MESSAGE_TABLE} AS said ON said.room_id = {{room}} AND said.seq = found.seq
        WHERE (said.author_id IS NULL OR said.author_id <> {{user}}) GROUP BY said.name
    ) AS counted
)"""
IGNORES_SOMEBODY = ignores_somebody_sql("{user}")


def counts(user: str, room: str, read: str) -> str:
    """Return the SQL of both counts, for the SQL of an account, a room and a number.

    They are texts for `heard`. The statement is to be formatted with `object=OBJECT[vendor]`.
    """
    parts = [
        f"CASE WHEN {IGNORES_SOMEBODY} THEN CAST({by_name} AS text) ELSE CAST({whole} AS text) END"
        for by_name, whole in ((UNREAD_BY_NAME, UNREAD), (MENTIONS_BY_NAME, MENTIONS))
    ]
    return ", ".join(
        part.format(user=user, room=room, read=read, object="{object}") for part in parts
    )


def heard(counted: str | None, ignored: str | None) -> int:
    """Return one of the `counts` without the messages of ignored people.

    `counted` is its column: a number, or the JSON of {name: number} for an account that ignores
    somebody. `ignored` is the column of `ignored_sql`.
    """
    found = orjson.loads(counted or "{}")
    if isinstance(found, int):
        return found
    keys = orjson.loads(ignored or "{}")
    return min(sum(found[name] for name in found if key_of(name) not in keys), MAX_UNREAD)


OF_PAIRS = f"""
    SELECT member.user_id, member.room_id, member.read_seq, {ignored_sql("member.user_id")},
        {counts("member.user_id", "member.room_id", "member.read_seq")}
    FROM {{pairs}} JOIN {MEMBERSHIP_TABLE} AS member
        ON member.room_id = asked.room_id AND member.user_id = asked.user_id
"""


def of_pairs(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Unread]:
    """Return {(user id, room id): Unread} for the pairs in which the account is a member."""
    vendor = connection.vendor
    rows = _rows(OF_PAIRS.format(pairs=PAIRS[vendor], object=OBJECT[vendor]), set(pairs))
    return {
        (user, room): Unread(read, *(heard(each, ignored) for each in counted))
        for user, room, read, ignored, *counted in rows
    }


# News

KNOWN = asked.table("known", "room_id", "seq", "until")
EVERYTHING = 2**63 - 1  # no line has a larger number
# Both forms end at the newest `MAX_UNREAD` messages, so a process that was away for long reads no
# more. PostgreSQL would not believe that in the form for SQLite, which has no LATERAL.
AFTER_KNOWN = f"""
    FROM {MESSAGE_TABLE}
    WHERE room_id = known.room_id AND kind = '{Message.Kind.SAID.value}'
        AND seq > known.seq AND seq <= known.until
    ORDER BY seq DESC LIMIT {MAX_UNREAD}
"""
SAID = {
    "postgresql": f"""
        CROSS JOIN LATERAL (SELECT id, seq, author_id, name, removed {AFTER_KNOWN}) AS said
    """,
    "sqlite": f"""
        JOIN {MESSAGE_TABLE} AS said ON said.room_id = known.room_id
            AND said.kind = '{Message.Kind.SAID.value}' AND said.seq >= (
                SELECT COALESCE(MIN(seq), known.seq + 1) FROM (SELECT seq {AFTER_KNOWN}) AS newest
            ) AND said.seq <= known.until
    """,
}
NEWS = """
    SELECT known.room_id, said.seq, said.author_id, said.name, said.id
    FROM {known} {said} WHERE NOT said.removed
"""
MESSAGES = asked.table("asked", "room_id", "seq")
MENTIONS_OF = f"""
    SELECT mention.room_id, mention.seq, mention.user_id
    FROM {{asked}} JOIN {MENTION_TABLE} AS mention
        ON mention.room_id = asked.room_id AND mention.seq = asked.seq
"""


def news(
    known: Mapping[int, int],
    until: Mapping[int, int] | None = None,
    ignored: Set[str] = frozenset(),
) -> dict[int, News]:
    """Return {room id: News} of the rooms where something was said after the known numbers.

    `until` has the last numbers that count, for callers who know only up to them who may read a
    room. `ignored` are the keys of the people whom somebody ignores. Each of a few statements
    serves all rooms.
    """
    said = groupby(_news_rows(known, until or {}), key=itemgetter(0))
    rows = {room_id: list(of_room) for room_id, of_room in said}
    found = {
        room_id: News([(seq, author_id, name) for _, seq, author_id, name, _ in of_room], [], [])
        for room_id, of_room in rows.items()
    }
    for room_id, seq, user_id in _mentions(found):
        found[room_id].mentions.append((seq, user_id))
    told = (_told(of_room, found[room_id].mentions, ignored) for room_id, of_room in rows.items())
    for room_id, line in _lines([*chain.from_iterable(told)]):
        found[room_id].lines.append(line)
    return found


def _told(rows, mentions, ignored):
    """Return the ids of the messages of a room of which somebody is told."""
    messages = {seq: (author_id, name, pk) for _, seq, author_id, name, pk in rows}
    naming: dict[int | None, list[int]] = {}
    for seq, user_id in mentions:
        if user_id is None or user_id != messages[seq][0]:
            naming.setdefault(user_id, []).append(seq)
    found: set[int] = set()
    found.update(_newest_of_each(messages, messages, ignored))
    for user_id, seqs in naming.items():
        found.update(_newest_of_each(seqs, messages, ignored, authors=2 if user_id is None else 1))
    return found


def _newest_of_each(seqs, messages, ignored, authors=1):
    """Return the ids of the newest message of each person, up to some authors whom nobody ignores.

    `seqs` are numbers of `messages`, the oldest first.
    """
    found: dict[str, int] = {}
    for seq in reversed(seqs):
        _, name, message_id = messages[seq]
        found.setdefault(key_of(name), message_id)
        if len(found.keys() - ignored) == authors:
            break
    return found.values()


def _news_rows(known, until):
    sql = NEWS.format(known=KNOWN[connection.vendor], said=SAID[connection.vendor])
    rows = [(pk, seq, until.get(pk, EVERYTHING)) for pk, seq in known.items()]
    return sorted(_rows(sql, rows), key=itemgetter(0, 1))


def _mentions(found):
    pairs = [(room_id, seq) for room_id, news in found.items() for seq, *_ in news.said]
    sql = MENTIONS_OF.format(asked=MESSAGES[connection.vendor])
    return sorted(_rows(sql, pairs), key=itemgetter(0, 1))


def _rows(sql, asked_rows):
    if not asked_rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, asked.arguments(asked_rows))
        return cursor.fetchall()


def _lines(message_ids: Sequence[int]) -> list[tuple[int, Line]]:
    """Return (room id, line) of some messages, those of each room newest first."""
    messages = Message.objects.filter(pk__in=message_ids, removed=False)
    return messages.order_by("-seq").lines_of_rooms()
