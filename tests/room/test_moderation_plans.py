"""With ten thousand sanctions in the database, every statement finds those it needs by an index."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Muted, Presence, Sanction, User
from chat.room import (
    access,
    moderation,
    moderation_entries,
    presence,
    sanction_news,
    sanctions,
    summaries,
    targets,
)
from chat.room.access import Reader
from chat.room.presence import Entrant
from tests.support.amending import react
from tests.support.moderating import on_page
from tests.support.plans import plan, run
from tests.support.presence import enter, say

SANCTIONS = 10_000
MUTED = 500

TABLES = ("chat_sanction", "chat_muted")
# A table that is read as a whole, and on SQLite by which names the statements call it.
WHOLE = {
    "sqlite": ("SCAN sanction", "SCAN muted", "SCAN chat_sanction", "SCAN chat_muted"),
    "postgresql": ("Seq Scan on chat_sanction", "Seq Scan on chat_muted"),
}

INDEX = {
    "sqlite": "sqlite_autoindex_chat_muted_1 (presence_id=?)",
    "postgresql": "muted_is_unique",
}
# Of one saying: the transaction, the lock, the speaker and the new line.
STATEMENTS = {"sqlite": 6, "postgresql": 5}


@pytest.fixture
def crowded(garden, stays, process):
    """Let there be many sanctions, of accounts, of names and of networks, and people with some."""
    now = timezone.now()
    users = User.objects.bulk_create(
        [User(username=f"user{number}", key=f"user{number}") for number in range(SANCTIONS // 3)]
    )
    common = {"kind": "mute", "since": now, "by": "alice"}
    rows = [Sanction(user=user, name=user.username, **common) for user in users]
    rows += [Sanction(key=f"key{number}", name="x", **common) for number in range(SANCTIONS // 3)]
    rows += [
        Sanction(network=f"10.{number // 250}.{number % 250}.0/24", name="x", **common)
        for number in range(SANCTIONS // 3)
    ]
    made = Sanction.objects.bulk_create(rows)
    people = Presence.objects.bulk_create(
        [Presence(name=f"g{n}", key=f"g{n}", entered=1) for n in range(MUTED)]
    )
    Muted.objects.bulk_create(
        [
            Muted(presence=person, sanction=sanction)
            for person, sanction in zip(people, made, strict=False)
        ]
    )
    run("ANALYZE")
    yield garden
    if connection.vendor == "sqlite":
        run("DELETE FROM sqlite_stat1")
        run("ANALYZE sqlite_schema")  # so that the next tests begin without statistics


def let_in(process):
    presence.enter([Entrant("gus", None, process, "legacy", address="203.0.113.7")])


CHANGES = [sanction_news.Change(sanction_id=1, is_lifted=False)]
CALLS = {
    "say": lambda room, stays, alice, process: say(room, stays[1]),
    "react": lambda room, stays, alice, process: react(room, stays[1], 1, "👍"),
    "enter": lambda room, stays, alice, process: let_in(process),
    "return": lambda room, stays, alice, process: enter(None, alice, process=process),
    "read": lambda room, stays, alice, process: access.may_read(room.pk, Reader(alice.pk)),
    "list": lambda room, stays, alice, process: summaries.of_room(room.pk, alice.pk),
    "banned": lambda room, stays, alice, process: sanctions.banned_from_site(
        user=alice, address="203.0.113.7"
    ),
    "poll": lambda room, stays, alice, process: sanction_news.changed_since(
        timezone.now() + timedelta(minutes=1)
    ),
    "concern": lambda room, stays, alice, process: sanction_news.concerned(CHANGES),
    "expel": lambda room, stays, alice, process: sanction_news.expulsions(CHANGES),
    "ask": lambda room, stays, alice, process: moderation_entries.sanctions_of(
        alice, targets.find("bob"), room.pk
    ),
    "join": lambda room, stays, alice, process: sanctions.is_banned(room.pk, alice),
    "mute": lambda room, stays, alice, process: moderation.mute(
        on_page(alice), targets.find("bob"), room.pk
    ),
}


def is_whole(sql, step):
    """Return whether a step reads all rows. One that asks whether there is any ends early."""
    ends_early = sql.startswith("SELECT 1 AS") and sql.endswith("LIMIT 1")
    return step.strip(" ->").startswith(WHOLE[connection.vendor]) and not ends_early


def test_no_statement_reads_all_sanctions(crowded, stays, alice, process):
    for name, call in CALLS.items():
        with CaptureQueriesContext(connection) as captured:
            call(crowded, stays, alice, process)
        asked = [each["sql"] for each in captured if any(table in each["sql"] for table in TABLES)]
        statements = [sql for sql in asked if not sql.startswith("INSERT")]
        assert statements, name
        for sql in statements:
            assert not [step for step in plan(sql) if is_whole(sql, step)], (name, sql, plan(sql))


def test_a_saying_finds_a_mute_by_its_presence(crowded, stays):
    with CaptureQueriesContext(connection) as captured:
        say(crowded, stays[1])
    (sql,) = [each["sql"] for each in captured if "chat_muted" in each["sql"]]
    steps = plan(sql)
    assert [step for step in steps if INDEX[connection.vendor] in step], steps
    assert len(captured) == STATEMENTS[connection.vendor]


@pytest.mark.parametrize(
    ("network", "found", "statements"),
    [
        ("10.0.0.0/8", SANCTIONS // 3, 1),
        ("10.4.0.0/15", 500, 1),
        ("2001:db8::/31", 0, 2),  # smaller ones have no common beginning
    ],
)
def test_a_search_for_a_network_needs_few_statements(
    crowded, network, found, statements, django_assert_num_queries
):
    with django_assert_num_queries(statements):
        held = sanctions.active()
        listed = held.filter(moderation_entries.named(network, held))
        assert listed.count() == found
