"""Muting, kicking and banning people: what they can do no longer, and how it ends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Membership, ModerationEntry, Presence, Sanction, Visit
from chat.room import access, creation, log, membership, moderation, sanctions, targets, visits
from chat.room.access import Reader
from chat.room.refusal import RefusalCode, Refused
from tests.support.amending import edit, react, remove
from tests.support.moderating import (
    MINUTES,
    OPERATOR,
    enter_from,
    entries,
    notices,
    on_page,
    outcome,
    site_moderator,
)
from tests.support.presence import enter, events, say
from tests.support.rooms import refusal, roles


@pytest.fixture
def root(transactional_db):
    return site_moderator("root")


@pytest.fixture
def alices(garden, alice):
    """Alice as the owner of the garden, on its page."""
    return on_page(alice)


# Mute


def test_a_muted_member_reads_and_writes_nothing_in_the_room(garden, stays, alices, bob, said):
    moderation.mute(alices, targets.of_account(bob), garden.pk, MINUTES, "too loud")
    refused = say(garden, stays[1])
    assert (refused.code, refused.reason) == (RefusalCode.MUTED, "too loud")
    assert refused.until - timezone.now() <= MINUTES
    for change in (edit(garden, stays[1], said, "x"), react(garden, stays[1], said, "👍")):
        assert change == RefusalCode.MUTED
    assert remove(garden, stays[1], said) == RefusalCode.MUTED
    assert access.may_read(garden.pk, Reader(bob.pk))
    assert outcome(say(garden, stays[2])) == "said"


def test_a_mute_in_a_room_holds_in_no_other(lobby, garden, stays, alices, bob):
    moderation.mute(alices, targets.of_account(bob), garden.pk)
    assert outcome(say(lobby, stays[1])) == "said"


def test_a_mute_ends_by_itself(garden, stays, alices, bob):
    moderation.mute(alices, targets.of_account(bob), garden.pk, MINUTES)
    Sanction.objects.update(until=timezone.now() - timedelta(seconds=2))
    assert outcome(say(garden, stays[1])) == "said"


def test_somebody_who_is_absent_is_muted_when_they_enter(garden, alices, bob, process):
    membership.join(garden.pk, bob)
    moderation.mute(alices, targets.of_account(bob), garden.pk)
    (stay,) = enter(None, bob, process=process)
    assert outcome(say(garden, stay)) == "muted"


def test_a_second_mute_takes_the_place_of_the_first(garden, stays, alices, bob):
    for duration in (None, MINUTES):
        moderation.mute(alices, targets.of_account(bob), garden.pk, duration)
    assert [each.until is None for each in sanctions.active()] == [False]


def test_unmute_lets_people_speak_again(garden, stays, alices, bob):
    target = targets.of_account(bob)
    moderation.mute(alices, target, garden.pk)
    moderation.unmute(alices, target, garden.pk)
    assert outcome(say(garden, stays[1])) == "said"
    assert refusal(moderation.unmute, alices, target, garden.pk) is RefusalCode.NO_SUCH_ENTRY


def test_a_site_moderator_mutes_in_the_lobby_for_the_whole_site(lobby, garden, stays, root, bob):
    moderation.mute(on_page(root), targets.of_account(bob), lobby.pk)
    assert outcome(say(garden, stays[1])) == outcome(say(lobby, stays[1])) == "muted"
    moderation.unmute(on_page(root), targets.of_account(bob), lobby.pk)
    assert outcome(say(garden, stays[1])) == outcome(say(lobby, stays[1])) == "said"


def test_a_moderator_of_the_lobby_mutes_in_the_lobby_alone(lobby, garden, stays, carol, bob):
    Membership.objects.filter(room=lobby, user=carol).update(role="moderator")
    moderation.mute(on_page(carol), targets.of_account(bob), lobby.pk)
    assert outcome(say(lobby, stays[1])) == "muted"
    assert outcome(say(garden, stays[1])) == "said"


def test_a_guest_who_returns_under_a_look_alike_name_is_still_muted(lobby, root, process):
    (stay,) = enter(None, "spammer", process=process)
    moderation.mute(on_page(root), targets.find("spammer"), lobby.pk)
    assert outcome(say(lobby, stay)) == "muted"
    Presence.objects.filter(key=Sanction.objects.get().key).delete()
    (again,) = enter(None, "Spаmmеr", process=process)  # with Cyrillic letters
    assert outcome(say(lobby, again)) == "muted"


def test_a_muted_moderator_does_not_change_the_room(garden, stays, alices, bob):
    from chat.room import alteration

    Membership.objects.filter(room=garden, user=bob).update(role="moderator")
    moderation.mute(alices, targets.of_account(bob), garden.pk)
    assert refusal(alteration.set_topic, garden.pk, "x", bob) is RefusalCode.MUTED


def test_who_is_muted_on_the_site_creates_no_room(lobby, root, bob):
    moderation.mute(on_page(root), targets.of_account(bob), lobby.pk)
    assert refusal(creation.create, bob, "Buy here") is RefusalCode.MUTED


def test_a_repeated_saying_keeps_its_number_although_its_author_was_muted_since(
    garden, stays, alices, bob
):
    from uuid import uuid4

    from chat.room.transcript import Saying
    from chat.room.transcript import say as say_all

    saying = Saying(garden.pk, stays[1].connection_id, "once", uuid4())
    (first,) = say_all([saying])
    moderation.mute(alices, targets.of_account(bob), garden.pk)
    (again,) = say_all([saying])
    assert (again.seq, again.again) == (first.seq, True)


# Kick and ban


def test_a_kick_from_a_room_lasts_ten_minutes_unless_told(garden, stays, alices, bob):
    before = timezone.now()
    sanction = moderation.kick(alices, targets.of_account(bob), garden.pk)
    assert MINUTES <= sanction.until - before < MINUTES + timedelta(minutes=1)
    assert events(garden)[-2:] == [("parted", "bob"), ("notice", "bob")]


@pytest.mark.parametrize("action", [moderation.kick, moderation.ban])
def test_who_is_out_of_a_room_neither_reads_nor_speaks_nor_joins(
    garden, stays, alices, bob, action
):
    action(alices, targets.of_account(bob), garden.pk, None, "spam")
    assert "bob" not in roles(garden)
    assert outcome(say(garden, stays[1])) == "banned"
    assert not access.may_read(garden.pk, Reader(bob.pk))
    assert refusal(membership.join, garden.pk, bob) is RefusalCode.BANNED
    assert refusal(membership.invite, garden.pk, bob, alices.user) is RefusalCode.NOT_ALLOWED
    moderation.unban(alices, targets.of_account(bob), garden.pk)
    membership.join(garden.pk, bob)
    assert outcome(say(garden, stays[1])) == "said"


def test_a_ban_ends_the_visit_of_a_guest(garden, alices, process):
    from chat.models import Room

    Room.objects.filter(pk=garden.pk).update(guests_allowed=True)
    enter(None, "gus", process=process)
    gus = Presence.objects.get(name="gus")
    visits.join(garden.pk, gus.pk)
    moderation.ban(alices, targets.find("gus"), garden.pk)
    assert not Visit.objects.exists()
    assert ("parted", "gus") in events(garden)
    assert refusal(visits.join, garden.pk, gus.pk) is RefusalCode.BANNED


def test_the_only_owner_of_a_room_who_is_banned_has_a_successor(garden, stays, root, alice):
    moderation.ban(on_page(root), targets.of_account(alice), garden.pk)
    assert "alice" not in roles(garden)
    assert "owner" in roles(garden).values()


@pytest.mark.parametrize("room_id", [None, "lobby"])
def test_a_ban_from_the_site_ends_all_connections_and_refuses_new_ones(
    lobby, garden, stays, root, bob, process, room_id
):
    place = lobby.pk if room_id else None
    moderation.ban(on_page(root), targets.of_account(bob), place, None, "spam")
    assert outcome(say(garden, stays[1])) == "gone"
    (refused,) = enter(None, bob, process=process)
    assert (refused.code, refused.reason, refused.until) == (RefusalCode.BANNED, "spam", None)
    assert not access.may_read(garden.pk, Reader(bob.pk))
    assert roles(garden)["bob"] == "member"
    assert sanctions.banned_from_site(user=bob).reason == "spam"
    moderation.unban(on_page(root), targets.of_account(bob), place)
    (stay,) = enter(None, bob, process=process)
    assert outcome(say(garden, stay)) == "said"


def test_a_banned_guest_does_not_come_back_under_a_look_alike_name(lobby, root, process):
    enter(None, "spammer", process=process)
    moderation.kick(on_page(root), targets.find("spammer"), lobby.pk)
    assert not Presence.objects.exists()
    (refused,) = enter(None, "SPAMMER", process=process)
    assert refused.code is RefusalCode.BANNED


def test_a_network_is_banned_except_for_site_moderators(lobby, root, alice, process):
    enter_from("203.0.113.7", "gus", alice, root, process=process)
    enter_from("198.51.100.1", "dora", process=process)
    moderation.ban(on_page(root), targets.find("address:203.0.113.7"), None, MINUTES, "flood")
    assert set(Presence.objects.values_list("name", flat=True)) == {"root", "dora"}
    results = enter_from("203.0.113.7", "hugo", alice, root, process=process)
    assert [isinstance(each, Refused) for each in results] == [True, True, False]
    assert sanctions.banned_from_site(address="203.0.113.7").reason == "flood"
    assert sanctions.banned_from_site(address="203.0.113.8") is None
    assert sanctions.banned_from_site(user=root, address="203.0.113.7") is None


def test_an_address_of_ipv6_stands_for_its_network(lobby, root, process):
    moderation.ban(on_page(root), targets.find("address:2001:db8::1"), None)
    (refused,) = enter_from("2001:db8::2:3", "gus", process=process)
    assert refused.code is RefusalCode.BANNED
    (stay,) = enter_from("2001:db8:0:1::1", "gus", process=process)
    assert outcome(say(lobby, stay)) == "said"


def test_a_network_is_muted_whoever_comes_from_it_later(lobby, root, process):
    moderation.mute(on_page(root), targets.find("network:203.0.113.0/24"), lobby.pk)
    (stay,) = enter_from("203.0.113.7", "gus", process=process)
    assert outcome(say(lobby, stay)) == "muted"


def test_a_network_that_is_banned_from_a_room_cannot_speak_there(garden, root, bob, process):
    membership.join(garden.pk, bob)
    (stay,) = enter_from("203.0.113.7", bob, process=process)
    moderation.ban(on_page(root), targets.find("address:203.0.113.7"), garden.pk)
    assert outcome(say(garden, stay)) == "banned"


# Lifting


def test_a_sanction_is_lifted_once(garden, stays, alices, bob):
    sanction = moderation.mute(alices, targets.of_account(bob), garden.pk)
    moderation.lift(alices, sanction.pk)
    assert outcome(say(garden, stays[1])) == "said"
    assert refusal(moderation.lift, alices, sanction.pk) is RefusalCode.DECIDED
    assert refusal(moderation.lift, alices, -1) is RefusalCode.NO_SUCH_ENTRY


def test_somebody_does_not_lift_their_own_sanction(garden, stays, alices, carol, bob):
    Membership.objects.filter(room=garden, user=carol).update(role="moderator")
    sanction = moderation.mute(alices, targets.of_account(carol), garden.pk)
    assert refusal(moderation.lift, on_page(carol), sanction.pk) is RefusalCode.NOT_ALLOWED
    assert refusal(moderation.lift, on_page(bob), sanction.pk) is RefusalCode.NOT_ALLOWED


# Lines and entries


def test_the_room_is_told_unless_it_does_not_want_it(garden, stays, alices, bob):
    target = targets.of_account(bob)
    moderation.mute(alices, target, garden.pk, MINUTES, "spam")
    moderation.unmute(alices, target, garden.pk)
    assert notices(garden) == ["bob was muted for 10 minutes: spam", "bob may speak again"]
    garden.tells_moderation = False
    garden.save()
    moderation.ban(alices, target, garden.pk)
    assert len(notices(garden)) == 2


def test_no_line_tells_of_a_network(lobby, root):
    moderation.ban(on_page(root), targets.find("address:203.0.113.7"), None)
    assert notices(lobby) == []
    assert ModerationEntry.objects.get().network == "203.0.113.7/32"


def test_each_action_and_its_end_are_in_the_log_of_moderation(garden, stays, alices, bob):
    target = targets.of_account(bob)
    moderation.mute(alices, target, garden.pk, MINUTES, "spam")
    moderation.unmute(alices, target, garden.pk)
    first, second = ModerationEntry.objects.order_by("pk")
    assert (first.action, first.by, first.door) == ("mute", "alice", "page")
    assert (first.target, first.target_id, first.room) == ("bob", bob.pk, "The Garden")
    assert (first.reason, first.by_address) == ("spam", "192.0.2.1")
    assert first.until == Sanction.objects.get().until
    assert (second.action, second.undoes) == ("unmute", first.pk)


def test_the_operator_acts_on_everybody_under_a_name_of_the_site(garden, stays, root):
    root.is_superuser = True
    root.save()
    moderation.ban(OPERATOR, targets.of_account(root), None)
    assert entries() == [("ban", "", "root")]


def test_a_refused_action_leaves_nothing_behind(garden, stays, alices, bob):
    target = targets.of_account(bob)
    before = log.after(garden.pk, 0, 100)
    for duration, reason, code in (
        (timedelta(0), "", RefusalCode.BAD_DURATION),
        (timedelta(days=4000), "", RefusalCode.BAD_DURATION),
        (None, "x" * 301, RefusalCode.TOO_LONG),
    ):
        assert refusal(moderation.mute, alices, target, garden.pk, duration, reason) is code
    assert refusal(moderation.mute, alices, target, -1) is RefusalCode.NO_SUCH_ROOM
    assert log.after(garden.pk, 0, 100) == before
    assert not (Sanction.objects.exists() or ModerationEntry.objects.exists())


@pytest.mark.parametrize(("reason", "end"), [("", "."), ("spam.", ": spam."), ("spam", ": spam.")])
def test_one_sentence_tells_people_what_concerns_them(garden, alices, bob, reason, end):
    sanction = moderation.mute(alices, targets.of_account(bob), garden.pk, None, reason)
    assert sanctions.sentence(sanction) == f"You are muted in The Garden{end}"


def test_the_sentence_has_the_time_at_which_it_ends(root, bob):
    sanction = moderation.ban(on_page(root), targets.of_account(bob), None, MINUTES)
    sanction.until = timezone.now().replace(month=11, day=30, hour=14, minute=5)
    assert sanctions.sentence(sanction) == "You are banned until 14:05 UTC on 30 November."
