"""Changes of rooms and their members, for the server processes that tell the members of them."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import connection

from chat.models import Membership, Message, Room
from chat.room import asked
from chat.room.log import MESSAGE_TABLE, ROOM_TABLE

Kind = Message.Kind

# Kinds of lines that change nothing in a list of rooms. New messages are counted separately.
TALK = (Kind.SAID, Kind.ENTERED, Kind.LEFT, Kind.NOTICE, Kind.REACTED)
# Kinds of lines that change the counts of those who have not read the message `of`.
COUNTING = frozenset({Kind.EDITED, Kind.REMOVED, Kind.RESTORED})
# Kinds of lines that change the list of their author alone.
PERSONAL = frozenset({Kind.CREATED, Kind.JOINED, Kind.PARTED, Kind.ROLE})
SHOWN = [kind.value for kind in Kind if kind not in TALK]


class RoomEvent(NamedTuple):
    """A line that changes the list of rooms of somebody: of one account, or of all members."""

    room_id: int
    kind: str
    author_id: int | None
    seq: int
    of: int | None = None

    @property
    def is_counting(self) -> bool:
        """Whether only the counts of those change who have not read the message `of`."""
        return self.kind in COUNTING

    @property
    def is_personal(self) -> bool:
        """Whether only the author's own list changes."""
        return self.kind in PERSONAL


class Changes(NamedTuple):
    """The changes of some rooms after known numbers.

    `last` are the numbers of the last lines, `slugs` the addresses of the rooms, and `people` the
    accounts of direct rooms.
    """

    last: dict[int, int]
    slugs: dict[int, str]
    events: list[RoomEvent]
    people: dict[int, list[int]]


KNOWN = asked.table("known", "room_id", "seq")
LAST = f"""
    SELECT room.id, room.last_seq, room.slug, room.kind
    FROM {{known}} JOIN {ROOM_TABLE} AS room ON room.id = known.room_id
"""
# With CROSS JOIN SQLite begins with the rooms; otherwise it would read all lines that there are.
EVENTS = f"""
    SELECT line.room_id, line.kind, line.author_id, line.seq, line.of
    FROM {{known}} CROSS JOIN {MESSAGE_TABLE} AS line
    WHERE line.room_id = known.room_id AND line.seq > known.seq
        AND line.kind IN ({", ".join(f"'{kind}'" for kind in SHOWN)})
"""


def after(known: Mapping[int, int]) -> Changes:
    """Return the changes after {room id: number}; rooms that do not exist are left out.

    The numbers are read first, so that a later call finds what this one may have missed.
    """
    if not known:
        return Changes({}, {}, [], {})
    arguments = asked.arguments(known.items())
    table = KNOWN[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(LAST.format(known=table), arguments)
        rooms = cursor.fetchall()
        cursor.execute(EVENTS.format(known=table), arguments)
        events = [RoomEvent(*row) for row in cursor.fetchall()]
    direct = [room_id for room_id, _, _, kind in rooms if kind == Room.Kind.DIRECT]
    return Changes(
        last={pk: last for pk, last, _, _ in rooms},
        slugs={pk: slug for pk, _, slug, _ in rooms},
        events=events,
        people=_people(direct),
    )


def _people(room_ids):
    people: dict[int, list[int]] = {}
    if room_ids:
        members = Membership.objects.filter(room__in=room_ids)
        for room_id, user_id in members.values_list("room", "user"):
            people.setdefault(room_id, []).append(user_id)
    return people
