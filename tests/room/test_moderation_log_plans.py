"""With a long log of moderation, the entries of sanctions are found by an index."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from chat.models import ModerationEntry
from chat.room import lifting, moderation, sanctions, targets
from tests.support.moderating import on_page, site_moderator
from tests.support.plans import plan, reads_of, run

ROWS = 5_000
TARGETS = ["network:203.0.113.0/24", "address:198.51.100.7", "network:2001:db8::/64", "bob", "Eve"]

# A table that is read as a whole.
WHOLE = {"sqlite": "SCAN chat_", "postgresql": "Seq Scan on chat_"}


@pytest.fixture(params=[True, False], ids=["with statistics", "without statistics"])
def long_log(request, garden, bob):
    """Store many entries of mutes of networks."""
    times = [timezone.now() - timedelta(hours=number + 1) for number in range(ROWS)]
    ModerationEntry.objects.bulk_create(
        ModerationEntry(at=at, door="page", action="mute", by="alice", target="x", network="x")
        for at in times
    )
    if request.param:
        run("ANALYZE")
    yield
    if request.param and connection.vendor == "sqlite":
        run("DELETE FROM sqlite_stat1")
        run("ANALYZE sqlite_schema")  # so that the next tests begin without statistics


@pytest.fixture
def moderator(lobby):
    return on_page(site_moderator())


def steps_by(index, sql):
    """Return the steps of the plan that use an index; none reads a whole table."""
    steps = plan(sql)
    whole = WHOLE[connection.vendor]
    assert not [step for step in steps if step.strip(" ->").startswith(whole)], steps
    return [step for step in steps if f"{index} " in step]


def test_the_entries_of_sanctions_are_found_by_their_times(long_log, moderator):
    for target in TARGETS:
        moderation.mute(moderator, targets.find(target))
    found = list(sanctions.active())
    (sql,) = reads_of("chat_moderationentry", lifting.entries_of, found)
    assert len(steps_by("moderation_at", sql)) == len(found) == len(TARGETS), plan(sql)
    began = lifting.entries_of(found)
    assert [began[each.pk].target for each in found] == TARGETS[::-1]


def test_the_entry_of_a_sanction_is_read_once_when_it_is_lifted(moderator):
    muted = moderation.mute(moderator, targets.find(TARGETS[0]))
    reads = reads_of("chat_moderationentry", moderation.lift, moderator, muted.pk)
    assert len(reads) == 1, reads
