"""Checks in the tables of a site that actions of moderators were done completely or not at all.

They read with the database alone, as `SiteDatabase` does. They expect that each sanction has a
reason, that rooms are told of all actions, and that nobody acts meanwhile.
"""

import re

RESTRAINED = re.compile(r"\S+ was (?:muted|kicked|banned)(?: for [\w ]+)?: (?P<reason>.*)")
PURGED = re.compile(r"Messages of \S+ were removed: (?P<reason>.*)")
HOLDS = "sanction.lifted IS NULL AND (sanction.until IS NULL OR sanction.until > CURRENT_TIMESTAMP)"
PUT_OUT = f"sanction.kind IN ('kick', 'ban') AND {HOLDS}"
# The rows that must not be there while a sanction holds.
CONTRADICTIONS = {
    "muted, and not known to be": f"""
        SELECT present.name FROM chat_sanction sanction
        JOIN chat_presence present ON present.user_id = sanction.user_id
        LEFT JOIN chat_muted muted
            ON muted.presence_id = present.id AND muted.sanction_id = sanction.id
        WHERE sanction.kind = 'mute' AND {HOLDS} AND muted.id IS NULL
    """,
    "banned from the site, and there": f"""
        SELECT present.name FROM chat_sanction sanction
        JOIN chat_presence present ON present.user_id = sanction.user_id
        WHERE sanction.room_id IS NULL AND {PUT_OUT}
    """,
    "banned from a room, and a member": f"""
        SELECT sanction.name FROM chat_sanction sanction
        JOIN chat_membership member
            ON member.user_id = sanction.user_id AND member.room_id = sanction.room_id
        WHERE {PUT_OUT}
    """,
}
# (number of messages by the entry of a purge, number of those with their lines)
PURGES = """
    SELECT entry.detail, COUNT(line.id) FROM chat_moderationentry entry
    LEFT JOIN chat_purgedmessage purged ON purged.entry_id = entry.id
    LEFT JOIN chat_message line ON line.room_id = purged.room_id AND line.seq = purged.removal
        AND line.kind = 'removed' AND line."of" = purged.seq
    WHERE entry.action = 'purge' GROUP BY entry.id, entry.detail
"""


def assert_whole(database):
    """Assert that the rows, lines and entries of all actions belong together."""
    sanctions = _column(database, "SELECT reason FROM chat_sanction ORDER BY id")
    assert sanctions == _entries(database, "reason", "mute", "kick", "ban")
    notices = _column(database, "SELECT text FROM chat_message WHERE kind = 'notice' ORDER BY id")
    assert sanctions == _reasons(RESTRAINED, notices)
    purges = _entries(database, "reason", "purge")
    told = set(_reasons(PURGED, notices))
    assert told <= set(purges), f"told and not recorded: {told.difference(purges)}"
    for detail, count in database.query(PURGES):
        assert detail.startswith(f"{count} messages "), f"{count} lines of {detail}"
    _assert_locks(database)
    for problem, statement in CONTRADICTIONS.items():
        names = _column(database, statement)
        assert not names, f"{problem}: {names}"


def _assert_locks(database):
    rules = _column(database, "SELECT text FROM chat_message WHERE kind = 'rules' ORDER BY id")
    assert rules == _entries(database, "detail", "lock", "unlock")
    (is_locked,) = _column(database, "SELECT COUNT(*) FROM chat_room WHERE locked")
    assert bool(is_locked) == (rules[-1:] == ["locked"]), f"{is_locked} rooms after {rules[-3:]}"


def _entries(database, field, *actions):
    """Return a field of the entries of some actions, the oldest first."""
    wanted = ", ".join(f"'{action}'" for action in actions)
    return _column(
        database,
        f"SELECT {field} FROM chat_moderationentry WHERE action IN ({wanted}) ORDER BY id",
    )


def _reasons(pattern, notices):
    found = map(pattern.fullmatch, notices)
    return [match["reason"] for match in found if match]


def _column(database, statement):
    return [value for (value,) in database.query(statement)]
