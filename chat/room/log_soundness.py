"""The rules that the rows of all logs and the people on the site obey.

Old lines of a log may have been deleted, from its first one on. A line may point at one of them.
"""

from chat.models import Connection, Message, Presence, Room
from chatsite.findings import Check

LOG, ROOM = Message._meta.db_table, Room._meta.db_table
CONNECTION = Connection._meta.db_table
# The people on the site. The lobby, which has the lowest id, says when each of them entered.
PEOPLE = f"""(
    SELECT id, entered, (SELECT MIN(id) FROM {ROOM}) AS room_id FROM {Presence._meta.db_table}
) AS person"""

# An `of` that names a line which is not as it must be; lines before the oldest one are gone.
POINTS_WRONGLY = f"""
    SELECT line.room_id, line.seq, line.of FROM {LOG} AS line
    WHERE line.kind = '{{kind}}' AND (line.of IS {{null}} line.of >= (
        SELECT MIN(oldest.seq) FROM {LOG} AS oldest WHERE oldest.room_id = line.room_id
    )) AND NOT EXISTS (
        SELECT 1 FROM {LOG} AS other WHERE other.room_id = line.room_id
            AND other.seq = line.of AND other.seq < line.seq AND {{condition}}
    )
"""

# The condition on `other`, to which the line `removed` points. It may have been restored since.
IS_REMOVED = f"""(other.removed OR EXISTS (
    SELECT 1 FROM {LOG} AS restored WHERE restored.room_id = line.room_id
        AND restored.kind = 'restored' AND restored.seq > line.seq AND restored.of = line.of
))"""

# A log cannot be continued when its counter is behind: the next number is in use.
LATE_COUNTERS = Check(
    f"""
    SELECT room.id, room.last_seq, newest.seq FROM {ROOM} AS room
    JOIN {LOG} AS newest ON newest.room_id = room.id AND newest.seq = (
        SELECT MAX(line.seq) FROM {LOG} AS line WHERE line.room_id = room.id
    ) WHERE newest.seq > room.last_seq
    """,
    "room {0} has counted {1} lines, but has a line {2}",
)


def _wrong_pointers(kind, condition, null="NULL OR"):
    return POINTS_WRONGLY.format(kind=kind, condition=condition, null=null)


LOG_CHECKS = [
    LATE_COUNTERS,
    Check(
        f"""
        SELECT line.room_id, line.seq + 1 FROM {LOG} AS line
        JOIN {ROOM} AS room ON room.id = line.room_id
        WHERE line.seq < room.last_seq AND NOT EXISTS (
            SELECT 1 FROM {LOG} AS following
            WHERE following.room_id = line.room_id AND following.seq = line.seq + 1
        )
        """,
        "line {1} of room {0} is missing",
    ),
    Check(
        _wrong_pointers("left", "other.kind = 'entered'"),
        "line {1} of room {0} says that somebody left who entered at line {2}, where nobody did",
    ),
    Check(
        _wrong_pointers("removed", f"other.kind = 'said' AND {IS_REMOVED}"),
        "line {1} of room {0} says that line {2} was removed, but that is no removed message",
    ),
    *(
        Check(
            _wrong_pointers(kind, "other.kind = 'said'"),
            f"line {{1}} of room {{0}} says that line {{2}} was {verb}, but that is no message",
        )
        for kind, verb in {
            "edited": "edited",
            "restored": "restored",
            "reacted": "reacted to",
        }.items()
    ),
    Check(
        _wrong_pointers("said", "other.kind = 'said'", null="NOT NULL AND"),
        "line {1} of room {0} replies to line {2}, which is no message",
    ),
    Check(
        f"""
        SELECT room_id, seq FROM {LOG} WHERE kind = 'said' AND removed
        EXCEPT SELECT room_id, of FROM {LOG} WHERE kind = 'removed'
        """,
        "line {1} of room {0} was removed, but no line says so",
    ),
    Check(
        f"""
        SELECT room_id, of, COUNT(*) FROM {LOG} WHERE kind = 'left'
        GROUP BY room_id, of HAVING COUNT(*) > 1
        """,
        "{2} lines of room {0} say that the person who entered at line {1} left",
    ),
]

PRESENCE_CHECKS = [
    Check(
        f"""
        SELECT room_id, seq FROM {LOG} WHERE kind = 'entered'
        EXCEPT SELECT room_id, of FROM {LOG} WHERE kind = 'left'
        EXCEPT SELECT room_id, entered FROM {PEOPLE}
        """,
        "the person who entered at line {1} of room {0} neither left nor is there",
    ),
    Check(
        f"""
        SELECT room_id, entered FROM {PEOPLE}
        INTERSECT SELECT room_id, of FROM {LOG} WHERE kind = 'left'
        """,
        "the person who entered at line {1} of room {0} left, but is there",
    ),
    Check(
        f"""
        SELECT person.room_id, person.entered FROM {PEOPLE}
        WHERE person.entered >= (
            SELECT MIN(oldest.seq) FROM {LOG} AS oldest WHERE oldest.room_id = person.room_id
        ) AND NOT EXISTS (
            SELECT 1 FROM {LOG} AS line WHERE line.room_id = person.room_id
                AND line.seq = person.entered AND line.kind = 'entered'
        )
        """,
        "somebody in room {0} entered at line {1}, which does not say so",
    ),
    Check(
        f"""
        SELECT person.room_id, person.entered FROM {PEOPLE}
        WHERE NOT EXISTS (SELECT 1 FROM {CONNECTION} AS one WHERE one.presence_id = person.id)
        """,
        "the person who entered at line {1} of room {0} is there without a connection",
    ),
]
