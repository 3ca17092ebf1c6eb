"""Who may lift a sanction, replace it, or undo a purge: no rank below that of who did it."""

import pytest
from django.db import transaction

from chat.models import Membership, ModerationEntry, Sanction, User
from chat.room import lifting, moderation, purging, sanctions, targets
from chat.room.moderation_log import Door, Moderator
from chat.room.refusal import RefusalCode, Refused
from tests.support.moderating import MINUTES, OPERATOR, in_admin, notices, on_page, site_moderator
from tests.support.presence import say
from tests.support.rooms import refusal

# A column is somebody who has done something in an open room, a row somebody who undoes it.
DOERS = ["moderator", "owner", "site", "admin", "operator"]
MAY_UNDO = {
    "moderator": "x - - - -",
    "owner": "x x - - -",
    "site": "x x x - -",
    "admin": "x x x x x",
    "operator": "x x x x x",
}


@pytest.fixture
def moderators(garden, stays, carol, alice):
    """Return {rank: moderator} of the garden, in which bob is a member."""
    Membership.objects.filter(room=garden, user=carol).update(role="moderator")
    return {
        "moderator": on_page(carol),
        "owner": on_page(alice),
        "site": on_page(site_moderator()),
        "admin": in_admin(User.objects.create_superuser("root")),
        "operator": OPERATOR,
    }


@pytest.fixture
def target(bob):
    return targets.of_account(bob)


def cells():
    return [
        pytest.param(by, did, mark == "x", id=f"{by} undoes {did}")
        for by, row in MAY_UNDO.items()
        for did, mark in zip(DOERS, row.split(), strict=True)
    ]


def is_allowed(function, *arguments):
    """Return whether an action is not refused by rank; nothing of it stays."""
    try:
        with transaction.atomic():
            function(*arguments)
            transaction.set_rollback(True)
    except Refused as refused:
        assert refused.code is RefusalCode.NOT_ALLOWED
        return False
    return True


@pytest.mark.parametrize(("by", "did", "allowed"), cells())
def test_what_a_higher_rank_has_done_is_neither_lifted_nor_replaced_nor_undone(
    garden, stays, moderators, target, by, did, allowed
):
    say(garden, stays[1])
    doer, undoer = moderators[did], moderators[by]
    muted = moderation.mute(doer, target, garden.pk)
    assert is_allowed(moderation.lift, undoer, muted.pk) == allowed
    assert (list(lifting.liftable(undoer, [muted])) == [muted.pk]) == allowed
    assert is_allowed(moderation.unmute, undoer, target, garden.pk) == allowed
    assert is_allowed(moderation.mute, undoer, target, garden.pk, MINUTES) == allowed
    purged = purging.purge(doer, target, garden.pk, 10)
    assert is_allowed(purging.undo_purge, undoer, purged.entry_id) == allowed
    moderation.ban(doer, target, garden.pk)
    assert is_allowed(moderation.unban, undoer, target, garden.pk) == allowed


def test_the_rank_is_that_of_the_moment_at_which_it_is_undone(garden, alice, moderators, target):
    moderation.mute(moderators["owner"], target, garden.pk)
    mute = Sanction.objects.get()
    assert refusal(moderation.lift, moderators["moderator"], mute.pk) is RefusalCode.NOT_ALLOWED
    Membership.objects.filter(room=garden, user=alice).update(role="member")
    moderation.lift(moderators["moderator"], mute.pk)


def test_what_somebody_has_done_whose_account_is_gone_is_undone_by_all_who_moderate(
    garden, moderators, target
):
    mute = moderation.mute(moderators["admin"], target, garden.pk)
    ModerationEntry.objects.update(by_id=-1)
    assert lifting.liftable(moderators["moderator"], [mute]).keys() == {mute.pk}
    moderation.lift(moderators["moderator"], mute.pk)
    mute = moderation.mute(moderators["site"], target, garden.pk)
    ModerationEntry.objects.all().delete()
    moderation.lift(moderators["moderator"], mute.pk)


@pytest.mark.parametrize("by", ["moderator", "owner"])
def test_moderators_of_a_room_lift_nothing_that_holds_on_the_whole_site(
    lobby, garden, carol, alice, moderators, target, by
):
    Membership.objects.filter(room=lobby, user__in=(carol, alice)).update(role="owner")
    mute = moderation.mute(moderators["site"], target, None)
    asked = moderators[by], target
    for room_id in (garden.pk, lobby.pk):
        assert refusal(moderation.unmute, *asked, room_id) is RefusalCode.NO_SUCH_ENTRY
    for call in (
        lambda: moderation.lift(moderators[by], mute.pk),
        lambda: moderation.unmute(*asked, None),
    ):
        assert refusal(call) is RefusalCode.NOT_ALLOWED
    assert sanctions.active().get() == mute
    assert lifting.liftable(moderators[by], [mute]) == {}


def test_a_purge_on_the_whole_site_is_undone_by_the_ranks_of_the_site(
    garden, stays, moderators, target
):
    say(garden, stays[1])
    purged = purging.purge(moderators["site"], target, None, 10)
    code = refusal(purging.undo_purge, moderators["owner"], purged.entry_id)
    assert code is RefusalCode.NOT_ALLOWED
    assert purging.undo_purge(moderators["admin"], purged.entry_id) == 1


def test_an_administrator_outranks_an_owner_of_a_private_room_in_the_admin(
    cellar, stays, alice, bob, target
):
    Membership.objects.create(room=cellar, user=bob, since="2026-01-01T00:00Z")
    root = User.objects.create_superuser("root")
    mute = moderation.mute(Moderator(root, Door.ADMIN), target, cellar.pk)
    assert refusal(moderation.lift, on_page(alice), mute.pk) is RefusalCode.NOT_ALLOWED
    assert lifting.liftable(on_page(alice), [mute]) == {}
    assert lifting.liftable(in_admin(root), [mute]).keys() == {mute.pk}
    moderation.lift(in_admin(root), mute.pk)


def places(found):
    return [each.room_id for each in found]


def test_what_may_be_lifted_ends_and_the_rest_is_told_to_those_who_see_it(
    lobby, garden, carol, moderators, target
):
    Membership.objects.filter(room=lobby, user=carol).update(role="moderator")
    moderation.mute(moderators["moderator"], target, lobby.pk)
    moderation.mute(moderators["moderator"], target, garden.pk)
    everywhere = moderation.mute(moderators["admin"], target, None)
    ended = moderation.unmute(moderators["site"], target, lobby.pk)
    assert (places(ended.lifted), ended.remaining) == ([lobby.pk], [everywhere])
    ended = moderation.unmute(moderators["owner"], target, garden.pk)
    assert (places(ended.lifted), ended.remaining) == ([garden.pk], [])  # they do not see it
    assert refusal(moderation.unmute, moderators["site"], target, lobby.pk) is (
        RefusalCode.NOT_ALLOWED
    )
    moderation.mute(moderators["moderator"], target, garden.pk)
    ended = moderation.unmute(moderators["operator"], target, garden.pk)
    assert (places(ended.lifted), ended.remaining) == ([garden.pk], [everywhere])
    ended = moderation.unmute(moderators["admin"], target, lobby.pk)
    assert (ended.lifted, ended.remaining) == ([everywhere], [])
    last = ModerationEntry.objects.filter(action="unmute").values_list("room_id", flat=True)
    assert list(last.order_by("pk")) == [lobby.pk, garden.pk, garden.pk, None]


def test_the_end_of_a_mute_on_the_site_tells_of_those_in_rooms_that_the_moderator_may_not_lift(
    lobby, garden, cellar, moderators, target
):
    mute = moderation.mute(moderators["admin"], target, garden.pk)
    moderation.mute(moderators["admin"], target, cellar.pk)  # which site moderators do not see
    for room_id in (None, lobby.pk):
        moderation.mute(moderators["site"], target, None)
        ended = moderation.unmute(moderators["site"], target, room_id)
        assert (places(ended.lifted), ended.remaining) == ([None], [mute])
    moderation.mute(moderators["site"], target, None)
    assert moderation.unmute(moderators["admin"], target, None).remaining == []


def test_a_kick_ends_beside_a_ban_that_stays(garden, moderators, target):
    moderation.kick(moderators["moderator"], target, garden.pk)
    ban = moderation.ban(moderators["owner"], target, garden.pk)
    ended = moderation.unban(moderators["moderator"], target, garden.pk)
    assert ([each.kind for each in ended.lifted], ended.remaining) == (["kick"], [ban])
    assert notices(garden) == ["bob was kicked for 10 minutes", "bob was banned"]
    moderation.unban(moderators["owner"], target, garden.pk)
    assert notices(garden)[-1] == "bob may come again"


def test_nobody_is_told_to_be_free_in_a_place_where_another_sanction_holds(
    lobby, garden, carol, moderators, target
):
    Membership.objects.filter(room=lobby, user=carol).update(role="moderator")
    kick = moderation.kick(moderators["moderator"], target, garden.pk)
    moderation.ban(moderators["owner"], target, garden.pk)
    moderation.lift(moderators["moderator"], kick.pk)
    for room in (lobby, garden):
        moderation.mute(moderators["moderator"], target, room.pk)
    moderation.mute(moderators["admin"], target, None)
    moderation.unmute(moderators["site"], target, lobby.pk)
    moderation.unmute(moderators["owner"], target, garden.pk)
    assert not [text for room in (lobby, garden) for text in notices(room) if "may" in text]
    moderation.unmute(moderators["admin"], target, None)
    assert notices(lobby)[-1] == "bob may speak again"
