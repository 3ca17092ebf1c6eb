"""The hits of a search, as a person who reads rooms finds them."""

from typing import NamedTuple

from django.db import connection

from chat.models import Line, Message, Room
from chat.names.keys import key_of
from chat.room import finding, ignoring, naming
from chat.room.access import Reader, readable_by
from chat.room.refusal import Refused
from chat.search import statements, time_limit
from chat.search.entries import contents
from chat.search.query import Mistaken, Query, parse
from chat.search.statements import Search
from chat.search.words import contains, words_of

PER_PAGE = 20
MAX_SKIPPED = 1000  # hits before a page of the best ones
# Somebody who reads few rooms of many would wait while the hits in all others are passed over.
FEW_ROOMS = 50


class Hit(NamedTuple):
    """A message that was found; `id` is that of its row, for reading earlier ones."""

    id: int
    room: Room
    line: Line


class Found(NamedTuple):
    """A page of hits, and the names of their rooms as the reader sees them, by the rooms' ids.

    `following` is what to give for the next page: as `before` for the newest hits, as `skip` for
    the best ones. It is None if there are no more.
    """

    query: Query
    hits: list[Hit]
    titles: dict[int, str]
    following: int | None = None


def newest(text: str, reader: Reader, before: int | None = None, limit: int = PER_PAGE) -> Found:
    """Return the newest messages that a person may read, newest first. Raises `Mistaken`."""
    query = parse(text)
    ids = _ids(statements.newest(_resolve(query, reader)._replace(before_id=before), limit + 1))
    return _found(query, reader, ids[:limit], ids[limit - 1] if len(ids) > limit else None)


def best(text: str, reader: Reader, skip: int | None = None, limit: int = PER_PAGE) -> Found:
    """Return the messages in which the words matter most, of the newest. Raises `Mistaken`."""
    query, skip = parse(text), max(0, min(skip or 0, MAX_SKIPPED))
    ids = _ids(statements.best(_resolve(query, reader), skip, limit + 1))
    has_more = len(ids) > limit and skip + limit <= MAX_SKIPPED
    return _found(query, reader, ids[:limit], skip + limit if has_more else None)


def _found(query, reader, ids, following):
    hits = _read(ids, query, reader)
    if reader.user_id is not None:
        keys = ignoring.of_account(reader.user_id)
        hits = [hit for hit in hits if key_of(hit.line.name) not in keys]
    rooms = {hit.room.pk: hit.room for hit in hits}
    titles = finding.titles(rooms.values(), reader.user_id or 0)
    return Found(query, hits, titles, following)


def _resolve(query: Query, reader: Reader) -> Search:
    """Look up the rooms that a query names. Raises `Mistaken`."""
    if query.rooms:
        room_ids = tuple(_room_id(name, reader) for name in query.rooms)
    else:
        room_ids = _few_readable(reader)
    return Search(
        reader=reader,
        sought=query.sought,
        authors=query.authors,
        room_ids=room_ids,
        before=query.before,
        after=query.after,
        has=query.has,
    )


def _room_id(name, reader):
    """Return the id of a room by its address, also of a direct one, or as on the legacy port."""
    address = name.removeprefix(naming.ROOM_SIGN).lower()
    if room := finding.find(address, reader):
        return room.pk
    try:
        named = naming.room(name, reader.user_id)
    except Refused:
        named = None
    if named is None or named.rest:
        raise Mistaken(f"There is no room “{name}” that you may read.")
    return named.room_id


def _few_readable(reader):
    """Return the ids of the rooms that somebody may read if they are few, else None."""
    rooms = Room.objects.filter(readable_by(reader)).order_by("pk")
    ids = tuple(rooms.values_list("pk", flat=True)[: FEW_ROOMS + 1])
    return ids if len(ids) <= FEW_ROOMS else None


def _ids(statement):
    try:
        with time_limit.limited(), connection.cursor() as cursor:
            cursor.execute(statement.sql, statement.arguments)
            return [pk for (pk,) in cursor.fetchall()]
    except time_limit.TooSlow:
        raise Mistaken(
            "This search takes too long. Name a room with in:, a person with from:, or a day."
        ) from None


def _read(ids: list[int], query: Query, reader: Reader) -> list[Hit]:
    """Read the rows of messages that a person may read, in the order of their ids.

    The index may not know yet that a message was edited, so each is compared with the query again.
    """
    rows = Message.objects.filter(
        pk__in=ids,
        kind=Message.Kind.SAID,
        removed=False,
        room__in=Room.objects.filter(readable_by(reader)),
    ).select_related("room")
    found = {row.pk: Hit(row.pk, row.room, row.line) for row in rows}
    keys = {key_of(name) for name in query.authors}
    return [found[pk] for pk in ids if pk in found and _matches(found[pk].line, query, keys)]


def _matches(line: Line, query: Query, keys: set[str]) -> bool:
    words = words_of(line.text)
    has = contents(line.text, line.spans, bool(line.files))
    return (
        all(contains(words, each) for each in query.sought)
        and (not keys or key_of(line.name) in keys)
        and set(query.has).issubset(has)
    )
