"""The older actions of moderators are in the log of moderation too: removals, roles, settings."""

import pytest

from chat.models import Access, Membership, ModerationEntry
from chat.room import alteration, forgetting, log, membership, moderation, removing, targets
from chat.room.moderation_log import Door, Moderator
from tests.support.amending import remove, restore
from tests.support.moderating import entries, on_page
from tests.support.presence import say


def details():
    return list(ModerationEntry.objects.order_by("pk").values_list("action", "detail"))


@pytest.fixture
def moderator(garden, stays, carol):
    """Carol as a moderator of the garden."""
    Membership.objects.filter(room=garden, user=carol).update(role="moderator")
    return carol


def test_a_moderator_who_removes_a_message_and_restores_it_is_recorded(
    garden, stays, moderator, said
):
    remove(garden, stays[2], said)
    restore(garden, stays[2], said)
    assert entries() == [("remove", "carol", "bob"), ("restore", "carol", "bob")]
    entry = ModerationEntry.objects.earliest("pk")
    assert (entry.seq, entry.room, entry.door, entry.by_id) == (
        said,
        "The Garden",
        "page",
        moderator.pk,
    )


def test_nobody_is_recorded_who_removes_their_own_message(garden, stays, moderator):
    for stay in stays[1:]:
        seq = say(garden, stay).seq
        remove(garden, stay, seq)
        restore(garden, stay, seq)
    assert entries() == []


def test_each_message_that_staff_remove_is_recorded(garden, stays, alice):
    seqs = [say(garden, stay).seq for stay in stays[1:]]
    removing.remove(garden.pk, seqs, alice)
    assert entries() == [("remove", "alice", "bob"), ("remove", "alice", "carol")]
    assert set(ModerationEntry.objects.values_list("door", flat=True)) == {"admin"}


def test_changes_of_members_are_recorded(garden, stays, alice, bob):
    membership.set_role(garden.pk, bob, "moderator", alice)
    membership.set_role(garden.pk, bob, "moderator", alice)
    membership.remove(garden.pk, bob, alice, moderator=Moderator(alice, Door.ADMIN))
    assert entries() == [("role", "alice", "bob"), ("kick", "alice", "bob")]
    assert details() == [("role", "member to moderator"), ("kick", "may join again")]
    assert ModerationEntry.objects.latest("pk").door == "admin"


def test_changes_of_a_room_are_recorded(garden, alice):
    alteration.set_topic(garden.pk, "Roses", alice)
    alteration.rename(garden.pk, "Orchard", alice)
    alteration.set_access(garden.pk, Access.GUESTS, alice)
    alteration.archive(garden.pk, alice)
    alteration.reopen(garden.pk, alice)
    assert [detail for _, detail in details()] == [
        "topic: Roses",
        "name: Orchard",
        "access: guests",
        "archived",
        "reopened",
    ]


def test_the_log_does_not_tell_what_a_private_room_is_about(cellar, alice):
    alteration.set_topic(cellar.pk, "secret", alice)
    assert details() == [("rules", "topic")]


def test_a_notice_forgets_the_name_of_a_deleted_account(garden, stays, alice, bob):
    moderation.mute(on_page(alice), targets.of_account(bob), garden.pk)
    forgetting.forget_author(bob)
    (notice,) = [line for line in log.after(garden.pk, 0, 100) if line.kind == "notice"]
    assert (notice.name, notice.text) == ("deleted user", "deleted user was muted")


def test_the_labels_of_all_actions_and_doors_begin_with_a_capital():
    labels = ModerationEntry.Action.labels + ModerationEntry.Door.labels
    assert [label for label in labels if label != label.capitalize()] == []
