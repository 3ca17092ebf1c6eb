"""The people who are about to say something, found by their connections."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from chat.models import Connection, Presence
from chat.room import access, log
from chat.room.sanctions import RESTRAINT


class Speaker(NamedTuple):
    """The person behind a connection, and the number of their saying if it is in the log.

    The name is empty when the connection is gone. `restraint` is the id of a sanction that keeps
    the person from speaking there.
    """

    user_id: int | None
    name: str
    may_speak: bool
    restraint: int | None
    seq: int | None


SAYINGS = {
    "postgresql": "unnest(%s::bigint[], %s::bigint[], %s::uuid[]) WITH ORDINALITY"
    " AS saying (room_id, connection_id, client_id, place)",
    "sqlite": "(SELECT json_extract(value, '$[0]') AS room_id,"
    " json_extract(value, '$[1]') AS connection_id,"
    " json_extract(value, '$[2]') AS client_id, key AS place FROM json_each(%s)) AS saying",
}
# PostgreSQL keeps the rows of the connections until the sayings are saved: somebody who ends one
# meanwhile waits, so that nobody says anything in any room after they were disconnected.
CONNECTIONS = {
    "postgresql": f"(SELECT id, presence_id FROM {Connection._meta.db_table}"
    " WHERE id = ANY(%s) FOR KEY SHARE)",
    "sqlite": Connection._meta.db_table,
}
# Each step uses a unique index, beginning with the sayings. The outer joins and the subqueries fix
# this order; otherwise SQLite may begin with everybody on the site, and PostgreSQL with everything
# that an author has ever said.
SPEAKERS = f"""
    SELECT saying.place, presence.user_id, COALESCE(presence.name, ''), {access.MAY_SPEAK},
    {RESTRAINT}, (
        SELECT said.seq FROM {log.MESSAGE_TABLE} AS said
        WHERE said.room_id = saying.room_id
            AND said.client_id = saying.client_id AND said.author_id = presence.user_id
    )
    FROM {{sayings}}
    LEFT JOIN {{connections}} AS connection ON connection.id = saying.connection_id
    LEFT JOIN {Presence._meta.db_table} AS presence ON presence.id = connection.presence_id
"""


def find_speakers(asked: Sequence[tuple[int, int, UUID | None]]) -> list[Speaker]:
    """Return the speakers of sayings, each as (room id, connection id, client id).

    One statement finds them, because the rooms are locked meanwhile.
    """
    room_ids, connection_ids, client_ids = ([*column] for column in zip(*asked, strict=True))
    columns = [room_ids, connection_ids, log.adapt("client_id", client_ids)]
    vendor = connection.vendor
    if vendor == "postgresql":
        arguments: list[Any] = [*columns, connection_ids]
    else:
        arguments = [json.dumps(list(zip(*columns, strict=True)))]
    statement = SPEAKERS.format(sayings=SAYINGS[vendor], connections=CONNECTIONS[vendor])
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return [Speaker(*found) for _, *found in sorted(cursor.fetchall())]
