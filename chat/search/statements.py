"""The SQL of a search, for each database.

Each statement returns the ids of messages, and checks the reader's access to their rooms on the
way, so that each page of hits is full. The newest hits come in the order of the index, so that a
frequent word takes no longer than a rare one. "Best" sorts the newest `RANKED` hits.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from chat.models import Message
from chat.models.search_index import WORDS_TABLE
from chat.names.usernames import DELETED_USER
from chat.room.access import Reader, readable_sql
from chat.room.log import MESSAGE_TABLE, ROOM_TABLE, adapt
from chat.room.unread import MEMBERSHIP_TABLE
from chat.search import entries
from chat.search.keeping import ENTRY_TABLE
from chat.search.words import Sought

RANKED = 10_000  # of the newest matches
# The ids of messages follow their times nearly: on PostgreSQL transactions may overtake each other,
# and clocks are sometimes set. Days are checked exactly, and found in the index with this slack.
SLACK = timedelta(days=1)


class Search(NamedTuple):
    """A query whose names were looked up, for one reader.

    `room_ids` are those to search, or None for all. `before_id` is the message before which newest
    hits are sought.
    """

    reader: Reader
    sought: tuple[Sought, ...] = ()
    authors: tuple[str, ...] = ()
    room_ids: tuple[int, ...] | None = None
    before: date | None = None
    after: date | None = None
    has: tuple[str, ...] = ()
    before_id: int | None = None


class Statement(NamedTuple):
    """SQL with its arguments."""

    sql: str
    arguments: list[Any]


def newest(search: Search, limit: int) -> Statement:
    """Return the statement for the ids of the newest hits."""
    place, source, conditions = _matching(search)
    sql = f"SELECT said.id {source} WHERE {conditions.sql} ORDER BY {place} DESC LIMIT %s"
    return Statement(sql, [search.reader.user_id, *conditions.arguments, limit])


def best(search: Search, skip: int, limit: int) -> Statement:
    """Return the statement for the ids of the hits in which the words matter most."""
    place, source, conditions = _matching(search)
    rank = _rank(search)
    ranked = (
        f"SELECT said.id, {rank.sql} AS rank {source}"
        f" WHERE {conditions.sql} ORDER BY {place} DESC LIMIT {RANKED}"
    )
    return Statement(
        f"SELECT id FROM ({ranked}) AS ranked ORDER BY rank DESC, id DESC LIMIT %s OFFSET %s",
        [*rank.arguments, search.reader.user_id, *conditions.arguments, limit, skip],
    )


# The parts of both


def _matching(search):
    """Return the column of the message's id, the tables, and the conditions."""
    is_postgresql = connection.vendor == "postgresql"
    marks = _marks(search, with_rooms=not is_postgresql)
    has_terms = bool(search.sought or marks)
    by_words = has_terms and not is_postgresql
    place = "found.rowid" if by_words else "found.message_id"
    # CROSS JOIN keeps SQLite from beginning with another table.
    source = (
        f"FROM {WORDS_TABLE if by_words else ENTRY_TABLE} AS found"
        f" CROSS JOIN {MESSAGE_TABLE} AS said ON said.id = {place}"
        f" JOIN {ROOM_TABLE} AS room ON room.id = said.room_id"
        f" LEFT JOIN {MEMBERSHIP_TABLE} AS membership"
        " ON membership.room_id = room.id AND membership.user_id = %s"
    )
    if is_postgresql:
        source = source.replace("CROSS JOIN", "JOIN")
    conditions = _Conditions()
    if by_words:
        conditions.add(f"{WORDS_TABLE} MATCH %s", entries.sqlite_query(search.sought, marks))
    elif has_terms:
        query = entries.postgresql_query(search.sought, marks)
        conditions.add("found.terms @@ %s::tsquery", query)
    if search.room_ids is not None and not by_words:
        conditions.add(f"found.room_id IN ({_numbers(search.room_ids)})")
    _limit_time(conditions, place, search)
    conditions.add(f"said.kind = '{Message.Kind.SAID.value}' AND NOT said.removed")
    reader = search.reader.user_id
    conditions.add(readable_sql("CAST(%s AS bigint)"), reader, reader)
    if search.authors and DELETED_USER not in search.authors:
        conditions.add("said.name <> %s", DELETED_USER)  # the mark is that of the earlier name
    return place, source, conditions


class _Conditions:
    """Conditions that must all be true."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.arguments: list[Any] = []

    def add(self, sql: str, *arguments: Any) -> None:
        self._parts.append(sql)
        self.arguments += arguments

    @property
    def sql(self) -> str:
        return " AND ".join(self._parts)


def _marks(search: Search, *, with_rooms: bool) -> list[Sequence[str]]:
    marks: list[Sequence[str]] = [[entries.has_mark(kind)] for kind in search.has]
    if search.authors:
        marks.append([entries.author_mark(name) for name in search.authors])
    if with_rooms and search.room_ids is not None:
        marks.append([entries.room_mark(room_id) for room_id in search.room_ids])
    return marks


def _numbers(ids):
    return ", ".join(str(int(pk)) for pk in ids) or "NULL"


def _limit_time(conditions, place, search):
    if search.before_id is not None:
        conditions.add(f"{place} < %s", search.before_id)
    if search.before is not None:
        conditions.add("said.at < %s", *_adapted(_begin(search.before)))
        conditions.add(
            f"{place} <= COALESCE((SELECT id FROM {MESSAGE_TABLE} WHERE at < %s"
            " ORDER BY at DESC LIMIT 1), 0)",
            *_adapted(_begin(search.before) + SLACK),
        )
    if search.after is not None:
        conditions.add("said.at >= %s", *_adapted(_begin(search.after)))
        conditions.add(
            f"{place} >= (SELECT id FROM {MESSAGE_TABLE} WHERE at >= %s ORDER BY at LIMIT 1)",
            *_adapted(_begin(search.after) - SLACK),
        )


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def _adapted(moment):
    return adapt("at", [moment])


def _rank(search: Search) -> Statement:
    """Return how much the words matter in a message: how often they occur in how many others."""
    if not search.sought:
        return Statement("0.0", [])
    if connection.vendor == "postgresql":
        query = entries.postgresql_query(search.sought, [])
        return Statement("ts_rank(found.terms, %s::tsquery, 1)", [query])
    # Words share the blank between them, so all blanks are doubled before words are counted.
    doubled = "REPLACE(found.terms, ' ', '  ')"
    count = f"(LENGTH({doubled}) - LENGTH(REPLACE({doubled}, %s, ''))) * 1.0 / %s"
    arguments: list[Any] = []
    for each in search.sought:
        text = f" {'  '.join(each.words)}" + " " * (not each.is_prefix)
        arguments += [text, len(text)]
    counts = " + ".join([count] * len(search.sought))
    return Statement(f"({counts}) / (200 + LENGTH(found.terms))", arguments)
