"""The queries of members, mentions and read positions use indexes, however long the logs are."""

import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.markup.parsing import parse
from chat.models import Ignored, Line, Membership, Mention, Message, Room, User
from chat.room import (
    amending,
    creation,
    excerpts,
    formatting,
    log,
    membership,
    mentions,
    people,
    reading,
    state,
    summaries,
    transcript,
    unread,
    versions,
    watching,
)
from chat.room.amendment import Amendment
from chat.room.mentions import Writing
from chat.room.reading import ReadPosition
from chat.room.transcript import Saying
from tests.support.plans import plan, run
from tests.support.presence import enter

ROOMS, LINES, CROWD, IGNORED = 8, 1_000, 100, 20
OTHER_ROOMS = 500
SCAN = {
    # The tables of ids and the results of subqueries may be scanned, and the people who are online,
    # with their connections, who are few.
    "sqlite": re.compile(
        r"^SCAN (?!json_each|presence|connection|person|found|own|common|counted|newest)"
    ),
    "postgresql": re.compile("Seq Scan on chat_(?!presence|visit)"),
}

Kind = Message.Kind
CHANGES = {Kind.REMOVED: "", Kind.RESTORED: "", Kind.EDITED: "@bob", Kind.REACTED: "👍"}
CALLS = {
    "summaries of members": lambda site: summaries.of_members([site.alice.pk, site.bob.pk]),
    "summaries of pairs": lambda site: summaries.of_pairs([(site.bob.pk, site.rooms[0])]),
    "unread": lambda site: unread.of_pairs([(site.bob.pk, room) for room in site.rooms]),
    "news": lambda site: unread.news(dict.fromkeys(site.rooms, LINES - 5)),
    "advance": lambda site: reading.advance(
        [ReadPosition(site.bob.pk, room, 5) for room in site.rooms]
    ),
    "changed since": lambda site: reading.changed_since(timezone.now()),
    "people": lambda site: people.here(site.rooms[0]),
    "changes of rooms": lambda site: watching.after(dict.fromkeys(site.rooms, LINES - 5)),
    "rooms to follow": lambda site: state.read_others(site.rooms),
    "newest mentions": lambda site: mentions.newest(site.bob.pk, 20),
    "names in messages": lambda site: formatting.resolve(
        [Writing(room, site.alice.pk, parse("@bob @room #room-1")) for room in site.rooms]
    ),
    "replies": lambda site: transcript.say(
        [Saying(room, site.stay.connection_id, "yes", reply=LINES // 2) for room in site.rooms]
    ),
    "changes of messages": lambda site: amending.amend(
        [
            Amendment(room, site.stay.connection_id, LINES // 2, kind, text)
            for room in site.rooms
            for kind, text in CHANGES.items()
        ]
    ),
    "lines about messages": lambda site: log.after(site.rooms[0], LINES // 2, LINES),
    "missed messages": lambda site: excerpts.count_missed(site.rooms[0], 5, LINES - 50, LINES),
    "versions": lambda site: versions.of_message(site.rooms[0], LINES // 2, site.alice.pk),
}


class Site:
    """Rooms with long logs and many members; alice owns them, and bob has read nothing.

    Everybody but alice ignores people. `stay` is that of alice, who is here. Her message in the
    middle of each log has changed.
    """

    def __init__(self, alice, bob, stay):
        self.alice, self.bob, self.stay = alice, bob, stay
        crowd = User.objects.bulk_create(
            User(username=f"user{number}", key=f"user{number}") for number in range(CROWD)
        )
        Ignored.objects.bulk_create(
            Ignored(user=user, key=f"user{number}", name=f"user{number}")
            for user in (*crowd, bob)
            for number in range(IGNORED)
        )
        now = timezone.now()
        self.rooms = []
        Room.objects.bulk_create(Room(name=f"other {number}") for number in range(OTHER_ROOMS))
        for number in range(ROOMS):
            room = creation.create(alice, f"room {number}")
            membership.join(room.pk, bob)
            Membership.objects.bulk_create(
                Membership(room=room, user=user, since=now) for user in crowd
            )
            self.rooms.append(room.pk)
            self._write(room)
        Membership.objects.filter(user=bob).update(read_seq=0)
        CALLS["changes of messages"](self)

    @transaction.atomic
    def _write(self, room):
        line = Line(
            kind=Message.Kind.SAID.value,
            name="alice",
            author_id=self.alice.pk,
            text="as people write",
            at=timezone.now(),
        )
        log.append(log.lock(room.pk), [line] * LINES)
        Mention.objects.bulk_create(
            Mention(room=room, seq=seq, user=user)
            for seq in range(10, LINES, 10)
            for user in (self.bob, self.alice, None)
        )


@pytest.fixture
def site(lobby, alice, bob, process):
    made = Site(alice, bob, *enter(None, alice, process=process))
    run("ANALYZE")
    if connection.vendor == "postgresql":
        run("SET enable_seqscan = off")  # it would read tables of this size as a whole
    yield made
    if connection.vendor == "postgresql":
        run("RESET enable_seqscan")
    if connection.vendor == "sqlite":
        run("DELETE FROM sqlite_stat1")
        run("ANALYZE sqlite_schema")  # so that the next tests begin without statistics


def statements(call, site):
    with CaptureQueriesContext(connection) as captured:
        call(site)
    return [each["sql"] for each in captured if re.match(r"\s*(SELECT|WITH)", each["sql"])]


@pytest.mark.parametrize("name", CALLS)
def test_no_table_is_read_as_a_whole(site, name):
    found = statements(CALLS[name], site)
    assert found
    for sql in found:
        steps = plan(sql)
        assert not [step for step in steps if SCAN[connection.vendor].search(step)], steps


@pytest.mark.only_postgresql
@pytest.mark.django_db
def test_no_statement_is_compiled():
    """Compiling the summaries of a thousand members takes ten times as long as reading them."""
    assert run("SHOW jit") == [("off",)]
