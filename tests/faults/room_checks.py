"""Checks of the rooms besides the lobby: lines, access, read positions and unread messages.

`logs` is {room id: log}, a list of `SavedLine`. Problems raise AssertionError.
"""

from collections import Counter

from tests.faults.change_checks import assert_shows_the_messages
from tests.faults.client_checks import assert_received
from tests.faults.waiting import until

RECEIVED_WITHIN = 60  # seconds until all who have a room open have its last line
KNOWN_WITHIN = 60  # seconds until all know how far they have read, and what they have not
MAX_UNREAD = 100  # a larger count is told as this


def staying(crowd):
    """Return the members that are connected and have rooms."""
    return [one for one in crowd.members if one.connected and one.rooms.known]


# Lines


async def until_rooms_are_received(crowd, logs):
    """Wait until all who have a room open have its newest line."""

    def behind():
        return [
            (member, room, received.last, len(logs[room]))
            for member in staying(crowd)
            for room, received in member.rooms.received.items()
            if received.last != len(logs[room]) or received.is_incomplete
        ]

    await until(lambda: not behind(), lambda: f"{behind()[:5]}", RECEIVED_WITHIN)


def assert_member_has_the_rooms(member, logs):
    """Assert that a member has the log of each room from its opening on, each line once."""
    assert not member.complaints, (member, member.complaints[:5])
    for room, received in member.rooms.received.items():
        description = f"{member} in room {room}"
        assert_received(description, received, logs[room])
        assert_shows_the_messages(description, received, logs[room])


# Access


def assert_access(crowd, logs):
    """Assert that all members have the rooms that were made for them, and no other ones.

    A direct room does not appear before somebody has said something there.
    """
    silent = {room for room, log in logs.items() if all(line.kind != "said" for line in log)}
    silent &= {room for room, kind, _ in crowd.rooms if kind == "direct"}
    for member in staying(crowd):
        mine = {room for room, _, names in crowd.rooms if member.name in names}
        known = set(member.rooms.known)
        assert mine - silent <= known <= mine, f"{member} knows {known} and has {mine}"
        assert set(member.rooms.received) <= mine, f"{member} has opened others than {mine}"


async def assert_strangers_are_refused(crowd):
    """Assert that somebody who is no member of a private or direct room may not open it."""
    for room, kind, names in crowd.rooms:
        stranger = next((one for one in staying(crowd) if one.name not in names), None)
        if kind == "open" or stranger is None:
            continue
        known = len(stranger.frames)
        stranger.send(type="open", room=room)
        await until(lambda one=stranger, n=known: one.frames[n:], f"no answer to {stranger}")
        codes = [frame.get("code") for frame in stranger.frames[known:]]
        assert codes == ["no_room"], f"{stranger} has opened {room}: {stranger.frames[known:]}"


# Read positions and unread messages


async def until_positions_are_right(crowd):
    """Let every second member read all, and wait until all know what the database says."""
    readers = staying(crowd)[::2]
    for member in readers:
        for room in member.rooms.received:
            member.rooms.read(room)

    def problems():
        return unsaved(readers) or position_problems(crowd, crowd.site.database)

    await until(lambda: not problems(), lambda: f"{problems()[:5]}", KNOWN_WITHIN)


def unsaved(readers):
    """Return (name, room, read, last) where somebody was not told that they have read all."""
    return [
        (member.name, room, member.rooms.known[room]["read"], received.last)
        for member in readers
        for room, received in member.rooms.received.items()
        if member.rooms.known[room]["read"] != received.last
    ]


def position_problems(crowd, database):
    """Return what members know about their rooms, and what the database says, where they differ."""
    right = {(one.room_id, one.name): one.read_seq for one in database.members()}
    counts = unread_counts(database)
    problems = []
    for member in staying(crowd):
        for room, summary in member.rooms.known.items():
            unread, mentions = counts.get((room, member.name), (0, 0))
            known, saved = member.rooms.position(room), (right[room, member.name], unread)
            if room not in member.rooms.received:
                known, saved = (*known, summary["mentions"]), (*saved, mentions)
            if known != saved:
                problems.append((member.name, room, known, saved))
    return problems


def unread_counts(database):
    """Return {(room id, name): (unread messages, mentions)} by the tables."""
    unread = Counter(dict(_counted(database.query(UNREAD))))
    mentions = Counter(dict(_counted(database.query(MENTIONS))))
    return {
        key: (min(unread[key], MAX_UNREAD), min(mentions[key], MAX_UNREAD))
        for key in unread | mentions
    }


def _counted(rows):
    return [((room, name), number) for room, name, number in rows]


# Nothing but the tables: the site counts with other statements.
UNREAD = """
    SELECT m.room_id, u.username, count(*)
    FROM chat_membership m
    JOIN chat_user u ON u.id = m.user_id
    JOIN chat_message s ON s.room_id = m.room_id
    WHERE s.kind = 'said' AND s.seq > m.read_seq AND s.author_id <> m.user_id AND NOT s.removed
    GROUP BY m.room_id, u.username
"""
MENTIONS = """
    SELECT m.room_id, u.username, count(*)
    FROM chat_membership m
    JOIN chat_user u ON u.id = m.user_id
    JOIN chat_mention n ON n.room_id = m.room_id AND n.user_id = m.user_id
    WHERE n.seq > m.read_seq
    GROUP BY m.room_id, u.username
"""
