"""Read positions: how far each member has read in each room.

Saving them locks no room, so nobody who speaks waits. The rows of a batch are locked in the order
of their ids: two batches in different orders would deadlock on PostgreSQL.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from chat.models import Membership
from chat.room import asked, changes
from chat.room.log import ROOM_TABLE, adapt
from chat.room.refusal import RefusalCode, Refused
from chat.room.unread import MEMBERSHIP_TABLE


class ReadPosition(NamedTuple):
    """The number of the last line that an account has read in a room."""

    user_id: int
    room_id: int
    seq: int


# Rows of members that get further, with their numbers, which are not beyond the last line.
FURTHER = f"""
    SELECT membership.id AS id, {{least}}(asked.seq, room.last_seq) AS seq
    FROM {{asked}}
    JOIN {MEMBERSHIP_TABLE} AS membership
        ON membership.room_id = asked.room_id AND membership.user_id = asked.user_id
    JOIN {ROOM_TABLE} AS room ON room.id = asked.room_id
    WHERE membership.read_seq < {{least}}(asked.seq, room.last_seq)
    ORDER BY membership.id
"""
# The condition on `read_seq` is repeated, because PostgreSQL reads rows that changed meanwhile
# again: a position never goes back.
ADVANCE = f"""
    WITH further AS ({FURTHER} {{lock}})
    UPDATE {MEMBERSHIP_TABLE} SET read_seq = further.seq, read_at = %s, hidden = FALSE
    FROM further
    WHERE {MEMBERSHIP_TABLE}.id = further.id AND {MEMBERSHIP_TABLE}.read_seq < further.seq
    RETURNING user_id, room_id, read_seq
"""
POSITIONS = asked.table("asked", "user_id", "room_id", "seq")
ADVANCE_ON = {
    "postgresql": ADVANCE.format(
        least="LEAST",
        asked=POSITIONS["postgresql"],
        lock="FOR NO KEY UPDATE OF membership",
    ),
    "sqlite": ADVANCE.format(
        least="MIN",
        asked=POSITIONS["sqlite"],
        lock="",
    ),
}


@transaction.atomic
def advance(positions: Sequence[ReadPosition]) -> list[ReadPosition | None]:
    """Save read positions in one statement, and return for each the position that was saved.

    A position beyond the last line is that line. It is None when nothing changes, because the
    account has read further already or is no member.
    """
    furthest: dict[tuple[int, int], int] = {}
    for user_id, room_id, seq in positions:
        furthest[user_id, room_id] = max(seq, furthest.get((user_id, room_id), 0))
    if not furthest:
        return []
    arguments = asked.arguments([(*pair, seq) for pair, seq in furthest.items()])
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE_ON[connection.vendor], [*arguments, *adapt("at", [timezone.now()])])
        saved = {(user, room): ReadPosition(user, room, seq) for user, room, seq in cursor}
    return [saved.get((user_id, room_id)) for user_id, room_id, _ in positions]


def changed_since(moment: datetime) -> list[ReadPosition]:
    """Return the positions that changed after a moment, by the clock of the process that saved."""
    changed = Membership.objects.filter(read_at__gt=moment)
    return [ReadPosition(*row) for row in changed.values_list("user", "room", "read_seq")]


def mark_unread(user_id: int, room_id: int, seq: int) -> ReadPosition | None:
    """Mark a line and those after it as unread, and return the new position.

    It is None when the account has not read the line, or is no member.
    """
    mine = Membership.objects.filter(user=user_id, room=room_id, read_seq__gte=max(seq, 1))
    if not mine.update(read_seq=max(seq, 1) - 1, read_at=timezone.now()):
        return None
    return ReadPosition(user_id, room_id, max(seq, 1) - 1)


def set_level(user_id: int, room_id: int, level: str) -> None:
    """Set what a member is told of in a room. Raises `Refused` for others."""
    mine = Membership.objects.filter(user=user_id, room=room_id)
    if not mine.update(level=Membership.Level(level)):
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    changes.announce_account(user_id)


def set_favourite(user_id: int, room_id: int, *, wanted: bool) -> None:
    """Set whether a member wants a room above its others. Raises `Refused` for others."""
    mine = Membership.objects.filter(user=user_id, room=room_id)
    if not mine.update(favourite=wanted):
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    changes.announce_account(user_id)
