"""Summaries of rooms: what the list of rooms shows to a member, for many members at once."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.db import connection

from chat.models import JoinRequest, Membership, Room, User
from chat.names.usernames import DELETED_USER
from chat.room import asked, moderation_rules, mutes, unread
from chat.room.access import readable_sql
from chat.room.asked import PAIRS
from chat.room.ignoring import OBJECT, ignored_sql
from chat.room.log import ROOM_TABLE
from chat.room.mutes import Mute
from chat.room.roles import IS_SITE_MODERATOR
from chat.room.unread import MEMBERSHIP_TABLE

USER_TABLE = User._meta.db_table


class RoomSummary(NamedTuple):
    """A room as the list of somebody's rooms shows it.

    `last` is the number of the last line, and `read` the number up to which they have read.
    `unread` and `mentions` end at `unread.MAX_UNREAD`. `people` are the names of the other people
    of a direct room. Somebody who may read the room without being a member has no `role`, and
    nothing unread. `guests` says whether guests may come, and `favourite` whether the account wants
    the room above its others. `slow` is the time between two messages of one person, in seconds.
    `asked` says that the account waits to be let in by moderators. `moderate` are the actions of a
    moderator that the account is offered, and `muted` is the mute that keeps it from speaking in
    the room.
    """

    id: int
    slug: str
    name: str
    kind: str
    topic: str
    last: int
    read: int
    unread: int
    mentions: int
    level: str
    role: str | None
    archived: bool
    guests: bool
    favourite: bool
    people: list[str]
    slow: int = 0
    locked: bool = False
    by_request: bool = False
    asked: bool = False
    moderate: tuple[str, ...] = ()
    muted: Mute | None = None

    def fields(self) -> dict[str, Any]:
        """Return the summary as clients are told it."""
        muted = None if self.muted is None else self.muted._asdict()
        return self._asdict() | {"muted": muted}


NAMES_END = "\n"  # between two names; no name contains it
JOINED_NAMES = {
    "postgresql": f"string_agg(person.username, '{NAMES_END}')",
    "sqlite": f"group_concat(person.username, '{NAMES_END}')",
}
KIND = RoomSummary._fields.index("kind")
# The columns of a summary, for the rows `asked` (an account), `room`, and perhaps `membership`.
# Without a membership nothing is counted. SQLite would compute columns of `asked` for each message.
COUNTS = unread.counts("membership.user_id", "membership.room_id", "membership.read_seq")
COLUMNS = f"""
    asked.user_id, {mutes.mute_sql("asked.user_id", "room.id")},
    {ignored_sql("membership.user_id")},
    room.id, room.slug, room.name, room.kind, room.topic, room.last_seq,
    COALESCE(membership.read_seq, room.last_seq), {COUNTS},
    membership.level, membership.role, room.archived, room.guests_allowed, membership.favourite,
    room.slow_seconds, room.locked, room.by_request,
    CASE WHEN room.by_request AND membership.role IS NULL THEN EXISTS (
        SELECT 1 FROM {JoinRequest._meta.db_table} AS request
        WHERE request.room_id = room.id AND request.user_id = asked.user_id
    ) END,
    room.id = (SELECT MIN(id) FROM {ROOM_TABLE}), EXISTS (
        SELECT 1 FROM {USER_TABLE} AS account
        WHERE account.id = asked.user_id AND {IS_SITE_MODERATOR}
    ),
    room.people_key,
    CASE WHEN room.kind = '{Room.Kind.DIRECT.value}' THEN (
        SELECT {{joined_names}} FROM {MEMBERSHIP_TABLE} AS other
        JOIN {USER_TABLE} AS person ON person.id = other.user_id
        WHERE other.room_id = room.id AND other.user_id <> asked.user_id
    ) END
"""
ACCOUNTS = asked.table("asked", "user_id")
# A direct room that somebody has left appears again with the next line.
OF_MEMBERS = f"""
    SELECT {COLUMNS} FROM {{asked}}
    JOIN {MEMBERSHIP_TABLE} AS membership ON membership.user_id = asked.user_id
    JOIN {ROOM_TABLE} AS room ON room.id = membership.room_id
    WHERE NOT (membership.hidden AND membership.read_seq >= room.last_seq)
"""
OF_PAIRS = f"""
    SELECT {COLUMNS} FROM {{asked}}
    JOIN {ROOM_TABLE} AS room ON room.id = asked.room_id
    LEFT JOIN {MEMBERSHIP_TABLE} AS membership
        ON membership.room_id = room.id AND membership.user_id = asked.user_id
    WHERE {readable_sql("asked.user_id")}
"""


def in_order(name: str) -> tuple[str, str]:
    """Return what sorts the names of people in the way in which a list of them is read."""
    return name.casefold(), name


def of_members(user_ids: Sequence[int]) -> dict[int, list[RoomSummary]]:
    """Return {account: summaries of its rooms}, the lobby first, then in the order of their ids.

    Direct rooms that the account has left, and where nothing was said since, are left out.
    """
    found: dict[int, list[RoomSummary]] = {user_id: [] for user_id in user_ids}
    for user_id, summary in _read(OF_MEMBERS, ACCOUNTS, [(user_id,) for user_id in found]):
        found[user_id].append(summary)
    return {user_id: sorted(summaries) for user_id, summaries in found.items()}


def of_pairs(
    pairs: Sequence[tuple[int | None, int]],
) -> dict[tuple[int | None, int], RoomSummary]:
    """Return {(user id, room id): summary}, without the rooms that may not be read.

    A pair of a guest has no user id.
    """
    summaries = _read(OF_PAIRS, PAIRS, set(pairs))
    return {(user_id, summary.id): summary for user_id, summary in summaries}


def of_room(room_id: int, user_id: int | None) -> RoomSummary | None:
    """Return the summary of a room for an account or a guest; None if they may not read it."""
    return of_pairs([(user_id, room_id)]).get((user_id, room_id))


def _read(statement, table, rows):
    """Return (account, summary) of each row that a statement finds."""
    if not rows:
        return []
    vendor = connection.vendor
    sql = statement.format(
        asked=table[vendor], joined_names=JOINED_NAMES[vendor], object=OBJECT[vendor]
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, asked.arguments(rows))
        found = cursor.fetchall()
    found_mutes = mutes.of_ids({mute_id for _, mute_id, *_ in found} - {None})
    return [
        (user_id, _summary(*row)._replace(muted=found_mutes.get(mute_id)))
        for user_id, mute_id, *row in found
    ]


def _summary(ignored, *row):
    *plain, level, role, archived, guests, favourite, slow, locked, by_request, waits = row[:-4]
    *plain, unread_messages, mentions = plain
    is_lobby, is_site_moderator, people_key, names = row[-4:]
    return RoomSummary(
        *plain,
        unread=unread.heard(unread_messages, ignored),
        mentions=unread.heard(mentions, ignored),
        level=level or Membership.Level.NOTHING.value,
        role=role,
        archived=bool(archived),
        guests=bool(guests),
        favourite=bool(favourite),
        slow=slow,
        locked=bool(locked),
        by_request=bool(by_request),
        asked=bool(waits),
        moderate=moderation_rules.actions_of(
            row[KIND], role, is_lobby=bool(is_lobby), is_site_moderator=bool(is_site_moderator)
        ),
        people=_people(people_key, names),
    )


def _people(people_key, names):
    if people_key is None:
        return []
    return people_of_direct(people_key, names.split(NAMES_END) if names else [])


def people_of_direct(people_key: str, present: Collection[str], readers: int = 1) -> list[str]:
    """Return the names of the people of a direct room besides those who read them.

    `present` are the names of the accounts that exist. Deleted ones are in the key alone, and come
    last.
    """
    deleted = people_key.count("-") + 1 - readers - len(present)
    return sorted(present, key=in_order) + [DELETED_USER] * deleted
