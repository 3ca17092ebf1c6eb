"""The parts of summaries of rooms that are about moderation."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from chat.models import JoinRequest, Muted, Presence, Room, Sanction
from chat.room import join_requests, membership, summaries
from chat.room.mutes import Mute
from chat.room.ranks import Authority, authority_of
from tests.support.moderating import on_page
from tests.support.presence import enter


def summary_of(user, room):
    return summaries.of_room(room.pk, user.pk)


def test_summaries_know_the_owner_and_the_rules_of_a_room(garden, alice, bob):
    membership.join(garden.pk, bob)
    Room.objects.filter(pk=garden.pk).update(slow_seconds=30, locked=True, by_request=True)
    mine, others = summary_of(alice, garden), summary_of(bob, garden)
    assert {"mute", "ban", "slow", "rules"} <= set(mine.moderate)
    assert others.moderate == ()
    assert (others.slow, others.locked, others.by_request) == (30, True, True)


def test_summaries_know_who_waits_to_be_let_in(garden, alice, bob, carol):
    Room.objects.filter(pk=garden.pk).update(by_request=True, guests_allowed=True)
    join_requests.ask(garden.pk, bob)
    assert summary_of(bob, garden).asked
    assert not summary_of(carol, garden).asked
    assert not summaries.of_room(garden.pk, None).asked
    join_requests.admit(on_page(alice), JoinRequest.objects.get().pk)
    assert not summary_of(bob, garden).asked


@pytest.mark.parametrize("way", ["staff", "superuser", "permission", "group", "other"])
def test_summaries_know_the_site_moderators_as_ranks_do(way, garden, bob):
    permission = Permission.objects.get(codename="moderate", content_type__app_label="chat")
    if way == "permission":
        bob.user_permissions.add(permission)
    elif way == "group":
        group = Group.objects.create(name="moderators of the test")
        group.permissions.add(permission)
        bob.groups.add(group)
    elif way == "other":
        bob.user_permissions.add(Permission.objects.get(codename="view_room"))
    else:
        bob.is_staff, bob.is_superuser = True, way == "superuser"
        bob.save()
    bob = type(bob).objects.get(pk=bob.pk)
    is_moderator = authority_of(bob) >= Authority.SITE_MODERATOR
    assert is_moderator == (way != "other")
    assert bool(summary_of(bob, garden).moderate) == is_moderator


def test_summaries_tell_the_mute_that_ends_last(garden, cellar, bob, process):
    enter(None, bob, process=process)
    membership.join(garden.pk, bob)
    present, now = Presence.objects.get(user=bob), timezone.now()

    def mute(room, until, **fields):
        sanction = Sanction.objects.create(
            kind="mute", room=room, user=bob, name="bob", since=now, until=until, **fields
        )
        Muted.objects.create(presence=present, sanction=sanction)

    hour = timedelta(hours=1)
    mute(garden, now + hour, reason="here")
    assert summary_of(bob, garden).muted == Mute(now + hour, "here")
    mute(None, now + 2 * hour, reason="everywhere")
    assert summary_of(bob, garden).muted.reason == "everywhere"
    mute(garden, None, reason="for good")
    assert summary_of(bob, garden).muted == Mute(None, "for good")
    mute(garden, None, reason="lifted", lifted=now)
    mute(cellar, None, reason="elsewhere")
    assert summary_of(bob, garden).muted == Mute(None, "for good")
    Sanction.objects.filter(reason="for good").update(until=now - hour)
    Sanction.objects.filter(reason="everywhere").update(until=now - hour)
    assert summary_of(bob, garden).muted.reason == "here"
    fields = summary_of(bob, garden).fields()
    assert fields["muted"] == {"until": now + hour, "reason": "here"}
