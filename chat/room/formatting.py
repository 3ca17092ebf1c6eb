"""The formatting of messages: their spans, with the people and the rooms that they name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from chat.markup.parsing import Markup
from chat.markup.spans import ROOM, Span
from chat.models import Room
from chat.room import asked, mentions
from chat.room.access import readable_sql
from chat.room.log import ROOM_TABLE
from chat.room.mentions import Account, Writing
from chat.room.unread import MEMBERSHIP_TABLE


class Written(NamedTuple):
    """A text as it is saved: its spans, and the accounts that it names."""

    spans: list[list[Any]] | None
    accounts: frozenset[Account]


NOTHING = Markup("")[1:]  # the spans and signs of a text without markup
PLAIN = Written(None, frozenset())
NAMED = asked.table("named", "user_id", "slug", texts=["slug"])
# Only rooms that the author may read are found, so a message never tells that a room exists.
ROOMS = f"""
    SELECT DISTINCT named.user_id, named.slug
    FROM {{named}}
    JOIN {ROOM_TABLE} AS room ON room.slug = named.slug AND room.kind <> '{Room.Kind.DIRECT.value}'
    LEFT JOIN {MEMBERSHIP_TABLE} AS membership
        ON membership.room_id = room.id AND membership.user_id = named.user_id
    WHERE {readable_sql("named.user_id")}
"""


def resolve(writings: Sequence[Writing]) -> list[Written]:
    """Return each text as it is saved. The rooms of the messages are locked."""
    if all(writing.markup[1:] == NOTHING for writing in writings):
        return [PLAIN] * len(writings)
    rooms = _rooms(writings)
    return [
        _written(writing, named, rooms)
        for writing, named in zip(writings, mentions.find(writings), strict=True)
    ]


def _rooms(writings):
    """Return the (account, slug) of the rooms that texts name and their authors may read."""
    wanted = {
        (writing.author_id, sign.slug) for writing in writings for sign in writing.markup.rooms
    }
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(ROOMS.format(named=NAMED[connection.vendor]), asked.arguments(wanted))
        return set(cursor.fetchall())


def _written(writing, named, rooms):
    markup = writing.markup
    names = [each.span for each in named]
    names += [
        Span(start, end, ROOM, slug)
        for start, end, slug in markup.rooms
        if (writing.author_id, slug) in rooms
    ]
    return Written(markup.encoded(names), frozenset(each.account for each in named))
