"""Fills rooms, counts what their members have not read, and signs up. Runs in a process of `rooms`.

The database is one of `room_site`.
"""

import time
from uuid import uuid4

from django.db import connection, transaction

from chat.accounts import lifecycle
from chat.models import Membership, Room, User
from chat.room import summaries, unread
from tests.benchmarks import fill

FARTHEST = 200  # lines that a member has not read, at most
# The lines are said by the accounts in turn, in all rooms in turn.
TALK = """
    WITH RECURSIVE numbers (n) AS (
        SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {lines} - 1
    )
    INSERT INTO chat_message (room_id, seq, kind, name, text, at, author_id, guest, removed)
    SELECT {room} + n % {rooms}, 2 + n / {rooms}, 'said', person.username,
        'a line of a usual length, as people write them in a chat', '2026-01-01 00:00:00+00',
        person.id, false, false
    FROM numbers JOIN chat_user AS person ON person.id = {author} + n % {authors}
"""
COUNT = """
    UPDATE chat_room SET last_seq = (SELECT max(seq) FROM chat_message WHERE room_id = chat_room.id)
    WHERE id >= {room}
"""
READ = """
    UPDATE chat_membership SET read_seq = (
        SELECT last_seq - id * 7919 % {farthest} % last_seq FROM chat_room WHERE id = room_id
    ) WHERE room_id >= {room}
"""


def answer(question, **options):
    """Answer one of the questions below."""
    return QUESTIONS[question](**options)


def fill_rooms(lines):
    """Add lines to all rooms besides the lobby, by SQL, and let members have read some of them."""
    rooms = list(Room.objects.order_by("pk").values_list("pk", flat=True))[1:]
    authors = list(User.objects.order_by("pk").values_list("pk", flat=True))
    assert rooms == list(range(rooms[0], rooms[0] + len(rooms)))
    assert authors == list(range(authors[0], authors[0] + len(authors)))
    numbers = {"lines": lines, "room": rooms[0], "rooms": len(rooms), "farthest": FARTHEST}
    numbers |= {"author": authors[0], "authors": len(authors)}
    fill.drop_indexes()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TALK.format(**numbers))
    fill.make_missing_indexes()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COUNT.format(**numbers))
        cursor.execute(READ.format(**numbers).replace("- id *", "- chat_membership.id *"))
    with connection.cursor() as cursor:
        cursor.execute(fill.DIALECTS[connection.vendor]["tidy"])


def count_unread(members, times):
    """Return the seconds of counting what many members have not read, and of all summaries."""
    user_ids = list(User.objects.order_by("pk").values_list("pk", flat=True)[:members])
    pairs = list(
        Membership.objects.filter(user__in=user_ids).order_by("pk").values_list("user", "room")
    )
    return {
        "pairs": len(pairs),
        "unread": seconds_of(lambda: unread.of_pairs(pairs), times),
        "summaries": seconds_of(lambda: summaries.of_members(user_ids), times),
    }


def sign_up(times):
    """Return the seconds of creating an account, without the hashing of a password."""

    def save():
        user = User(username=f"u{uuid4().hex[:20]}")
        user.set_unusable_password()
        lifecycle.save_new(user)

    return seconds_of(save, times)


QUESTIONS = {"fill": fill_rooms, "unread": count_unread, "sign up": sign_up}


def seconds_of(function, times):
    """Return the seconds of each of some calls."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        took.append(time.perf_counter() - start)
    return took
