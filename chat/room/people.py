"""The people of a room besides the lobby: its members, and the guests who visit it."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection

from chat.models import Presence, Room, Visit
from chat.room.log import ROOM_TABLE, Counters
from chat.room.summaries import USER_TABLE
from chat.room.unread import MEMBERSHIP_TABLE

PRESENCE_TABLE = Presence._meta.db_table

MAX_PEOPLE = 500  # that are returned; those who are online come first


class RoomPerson(NamedTuple):
    """A person of a room. A guest has no role, and is a visitor without a moment of joining."""

    name: str
    guest: bool
    online: bool
    role: str | None = None
    since: datetime | None = None


HERE = f"""
    SELECT room.last_seq, room.revision,
        person.name, person.is_guest, person.is_online, person.role, person.since
    FROM {ROOM_TABLE} AS room
    LEFT JOIN (
        SELECT account.username AS name, FALSE AS is_guest, presence.id IS NOT NULL AS is_online,
            membership.role AS role, membership.since AS since
        FROM {MEMBERSHIP_TABLE} AS membership
        JOIN {USER_TABLE} AS account ON account.id = membership.user_id AND account.is_active
        LEFT JOIN {PRESENCE_TABLE} AS presence ON presence.user_id = membership.user_id
        WHERE membership.room_id = %s
        UNION ALL
        SELECT presence.name, TRUE, TRUE, NULL, NULL
        FROM {Visit._meta.db_table} AS visit
        JOIN {PRESENCE_TABLE} AS presence ON presence.id = visit.presence_id
        WHERE visit.room_id = %s
        ORDER BY is_online DESC, name LIMIT {MAX_PEOPLE}
    ) AS person ON TRUE
    WHERE room.id = %s
"""


def here(room_id: int) -> tuple[Counters, list[RoomPerson]]:
    """Return the counters of a room and its people: those online first, then by name.

    One statement reads both, so that they agree. At most `MAX_PEOPLE` people are returned. Raises
    `Room.DoesNotExist`.
    """
    with connection.cursor() as cursor:
        cursor.execute(HERE, [room_id] * 3)
        rows = cursor.fetchall()
    if not rows:
        raise Room.DoesNotExist(f"Room {room_id} does not exist.")
    people = [_person(*row[2:]) for row in rows if row[2] is not None]
    return Counters(*rows[0][:2]), sorted(people, key=_place)


def _place(person):
    return not person.online, person.name.casefold(), person.name


def _person(name, is_guest, is_online, role, since):
    if isinstance(since, str):  # SQLite has no type for times
        since = datetime.fromisoformat(since).replace(tzinfo=UTC)
    return RoomPerson(name, bool(is_guest), bool(is_online), role, since)
