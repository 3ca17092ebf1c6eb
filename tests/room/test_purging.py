"""Purges: all that somebody has said in the last minutes goes, and comes back by undoing it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Membership, Message, ModerationEntry, Presence
from chat.room import log, purging, removing, targets
from chat.room.refusal import RefusalCode
from tests.support.amending import age, line, restore
from tests.support.moderating import MINUTES, OPERATOR, entries, notices, on_page, site_moderator
from tests.support.presence import enter, say
from tests.support.rooms import refusal


@pytest.fixture
def alices(garden, alice):
    return on_page(alice)


def shown(room):
    """Return the texts of the messages that are not removed."""
    lines = log.after(room.pk, 0, 1000)
    return [each.text for each in lines if each.kind == "said" and not each.removed]


def test_a_purge_removes_what_somebody_has_said_lately(garden, stays, alices, bob):
    say(garden, stays[1], "old")
    age(garden, 20)
    say(garden, stays[1], "new", "newer")
    say(garden, stays[2], "carol")
    purged = purging.purge(alices, targets.of_account(bob), garden.pk, 10, "spam")
    assert purged.count == 2
    assert shown(garden) == ["old", "carol"]
    assert notices(garden) == ["Messages of bob were removed: spam"]
    assert entries() == [("purge", "alice", "bob")]


def test_a_purge_everywhere_spares_private_rooms(lobby, garden, cellar, stays, bob, alice):
    from chat.room import membership

    membership.invite(cellar.pk, bob, alice)
    for room in (lobby, garden, cellar):
        say(room, stays[1], "spam")
    root = on_page(site_moderator())
    assert purging.purge(root, targets.of_account(bob), None, 10).count == 2
    assert shown(cellar) == ["spam"]
    assert purging.purge(OPERATOR, targets.of_account(bob), None, 10).count == 1


def test_a_purge_everywhere_spares_those_of_the_same_rank_in_a_private_room(cellar, stays, alice):
    from chat.room import membership

    serena = site_moderator()
    membership.invite(cellar.pk, serena, alice)
    membership.set_role(cellar.pk, serena, "moderator", alice)
    say(cellar, stays[0], "mine")
    assert purging.purge(on_page(serena), targets.of_account(alice), None, 10).count == 0
    Membership.objects.filter(room=cellar, user=alice).update(role="member")
    assert purging.purge(on_page(serena), targets.of_account(alice), None, 10).count == 1


def test_a_guest_is_purged_under_all_names_that_look_alike(lobby, process):
    root = on_page(site_moderator())
    for name in ("spammer", "SPAMMER", "other"):
        (stay,) = enter(None, name, process=process)
        say(lobby, stay, name)
        Presence.objects.all().delete()
    purged = purging.purge(root, targets.find("Spammer"), lobby.pk, 10)
    assert (purged.count, purging.latest_purge(root, lobby.pk)) == (2, purged.entry_id)
    assert shown(lobby) == ["other"]


def test_undoing_a_purge_restores_the_same_messages(garden, stays, alices, bob):
    first = say(garden, stays[1], "before").seq
    removing.remove(garden.pk, [first], alices.user)
    say(garden, stays[1], "one", "two")
    purged = purging.purge(alices, targets.of_account(bob), garden.pk, 10)
    assert purging.latest_purge(alices, garden.pk) == purged.entry_id
    assert purging.undo_purge(alices, purged.entry_id) == 2
    assert shown(garden) == ["one", "two"]
    assert purging.latest_purge(alices, garden.pk) is None
    undone = ModerationEntry.objects.latest("pk")
    assert (undone.action, undone.undoes) == ("unpurge", purged.entry_id)
    restored = [each for each in log.after(garden.pk, 0, 100) if each.kind == "restored"]
    assert [(each.name, each.text) for each in restored] == [("alice", "one"), ("alice", "two")]
    assert refusal(purging.undo_purge, alices, purged.entry_id) is RefusalCode.DECIDED


def test_undoing_a_purge_leaves_what_was_removed_again(garden, stays, alices, bob):
    seq = say(garden, stays[1], "one").seq
    purged = purging.purge(alices, targets.of_account(bob), garden.pk, 10)
    restore(garden, stays[0], seq)
    removing.remove(garden.pk, [seq], alices.user)
    assert purging.undo_purge(alices, purged.entry_id) == 0
    assert line(garden, seq).removed


def test_a_purge_is_undone_within_ten_minutes_by_who_may_purge(garden, stays, alices, bob, carol):
    say(garden, stays[1])
    purged = purging.purge(alices, targets.of_account(bob), garden.pk, 10)
    for person in (bob, carol):
        code = refusal(purging.undo_purge, on_page(person), purged.entry_id)
        assert code is RefusalCode.NOT_ALLOWED
    ModerationEntry.objects.update(at=timezone.now() - MINUTES - timedelta(seconds=1))
    assert refusal(purging.undo_purge, alices, purged.entry_id) is RefusalCode.TOO_LATE
    assert refusal(purging.undo_purge, alices, -1) is RefusalCode.NO_SUCH_ENTRY


def test_a_purge_has_bounds(garden, alices, bob):
    target = targets.of_account(bob)
    for minutes in (0, purging.MAX_MINUTES + 1):
        code = refusal(purging.purge, alices, target, garden.pk, minutes)
        assert code is RefusalCode.BAD_DURATION
    network = targets.find("address:203.0.113.7")
    assert refusal(purging.purge, alices, network, garden.pk, 10) is RefusalCode.BAD_TARGET


def test_mentions_go_and_come_back_with_the_messages(garden, stays, alices, bob, carol):
    from chat.room import mentions

    say(garden, stays[1], "@carol look")
    purged = purging.purge(alices, targets.of_account(bob), garden.pk, 10)
    assert mentions.newest(carol.pk, 10) == []
    purging.undo_purge(alices, purged.entry_id)
    assert len(mentions.newest(carol.pk, 10)) == 1
    assert Message.objects.filter(room=garden, removed=True).count() == 0
