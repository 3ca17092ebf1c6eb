"""The people who change messages, by their connections, and what they have written."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from chat.models import Line, Message, Presence, Room, Visit
from chat.room import access, asked
from chat.room.amendment import Amendment
from chat.room.sanctions import RESTRAINT
from chat.room.speakers import CONNECTIONS


class Doer(NamedTuple):
    """The person behind a connection, in a room.

    `since` is the number of the line of the room with which the stay of a guest began; None if the
    guest is not there. `restraint` is the id of a sanction that keeps the person from writing
    there.
    """

    user_id: int | None
    name: str
    may_speak: bool
    since: int | None
    restraint: int | None = None

    def has_written(self, line: Line | Message) -> bool:
        """Return whether a line is this person's.

        A line of a guest must be from this stay: somebody else may have had the name before.
        """
        if self.user_id is not None:
            return line.author_id == self.user_id
        is_of_stay = self.since is not None and line.seq > self.since
        return line.guest and line.name == self.name and is_of_stay


ASKED = asked.table("saying", "room_id", "connection_id")
# The rows of the connections stay until the end, as for sayings.
DOERS = f"""
    SELECT saying.room_id, saying.connection_id, presence.user_id, presence.name,
        {access.MAY_SPEAK},
        CASE WHEN saying.room_id = (SELECT MIN(id) FROM {Room._meta.db_table})
            THEN presence.entered
            ELSE (
                SELECT visit.joined FROM {Visit._meta.db_table} AS visit
                WHERE visit.room_id = saying.room_id AND visit.presence_id = presence.id
            )
        END,
        {RESTRAINT}
    FROM {{asked}}
    JOIN {{connections}} AS connection ON connection.id = saying.connection_id
    JOIN {Presence._meta.db_table} AS presence ON presence.id = connection.presence_id
"""


def find(amendments: Sequence[Amendment]) -> dict[tuple[int, int], Doer]:
    """Return {(room id, connection id): person} of the connections that are still there."""
    pairs = {(each.room_id, each.connection_id) for each in amendments}
    arguments = asked.arguments(pairs)
    if connection.vendor == "postgresql":
        arguments.append(arguments[1])
    statement = DOERS.format(
        asked=ASKED[connection.vendor], connections=CONNECTIONS[connection.vendor]
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return {
            (room_id, connection_id): Doer(user_id, name, bool(may_speak), *rest)
            for room_id, connection_id, user_id, name, may_speak, *rest in cursor.fetchall()
        }
