"""Removing messages and restoring them: who may do it, and until when."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Membership, Message, ModerationEntry
from chat.room import editing, membership, purging, removing, targets
from chat.room.refusal import RefusalCode
from tests.support.amending import age, line, react, remove, restore
from tests.support.moderating import on_page
from tests.support.presence import say
from tests.support.uploads import say_files, send_file

# Removing


def test_the_author_removes_a_message(garden, stays, said):
    seq = remove(garden, stays[1], said)
    assert (line(garden, said).text, line(garden, said).removed) == ("", True)
    removal = line(garden, seq)
    assert (removal.kind, removal.name, removal.of) == ("removed", "bob", said)
    assert remove(garden, stays[1], said) is None
    assert Message.objects.get(room=garden, seq=said).text == "hello world"  # for staff


def test_a_plain_member_does_not_remove_what_others_have_said(garden, stays, said):
    assert remove(garden, stays[2], said) == RefusalCode.NOT_ALLOWED
    assert not line(garden, said).removed


@pytest.mark.parametrize("role", ["moderator", "owner"])
def test_a_moderator_removes_the_message_of_a_member(garden, carol, stays, said, role):
    Membership.objects.filter(room=garden, user=carol).update(role=role)
    assert isinstance(remove(garden, stays[2], said), int)


@pytest.mark.parametrize("role", ["moderator", "owner"])
def test_a_moderator_removes_no_message_of_the_same_or_a_higher_rank(
    garden, bob, carol, stays, said, role
):
    Membership.objects.filter(room=garden, user=carol).update(role="moderator")
    Membership.objects.filter(room=garden, user=bob).update(role=role)
    assert remove(garden, stays[2], said) == RefusalCode.NOT_ALLOWED
    assert not line(garden, said).removed


def test_staff_remove_messages_in_open_rooms_that_they_are_not_in(garden, stays, said, carol):
    membership.part(garden.pk, carol)
    assert remove(garden, stays[2], said) == RefusalCode.NOT_ALLOWED
    carol.is_staff = True
    carol.save()
    assert isinstance(remove(garden, stays[2], said), int)


def test_staff_do_not_remove_messages_of_private_rooms(cellar, stays, bob, carol, alice):
    membership.invite(cellar.pk, bob, alice)
    said = say(cellar, stays[1], "secret").seq
    carol.is_staff = carol.is_superuser = True
    carol.save()
    assert remove(cellar, stays[2], said) == RefusalCode.NOT_ALLOWED


# Restoring


def test_who_removed_a_message_restores_it(garden, stays, said):
    react(garden, stays[2], said, "👍")
    remove(garden, stays[1], said)
    restored = line(garden, restore(garden, stays[1], said))
    message = line(garden, said)
    assert (message.text, message.removed) == ("hello world", False)
    assert message.reactions == {"👍": ["carol"]}
    assert (restored.kind, restored.of, restored.text) == ("restored", said, "hello world")
    assert restored.reactions == {"👍": ["carol"]}
    assert restore(garden, stays[1], said) is None


def test_nobody_restores_what_somebody_else_has_removed(garden, stays, said):
    remove(garden, stays[0], said)
    assert restore(garden, stays[1], said) == RefusalCode.NOT_ALLOWED
    restore(garden, stays[0], said)
    remove(garden, stays[1], said)
    assert restore(garden, stays[0], said) == RefusalCode.NOT_ALLOWED


def test_a_message_is_restored_for_some_minutes(garden, stays, said):
    remove(garden, stays[1], said)
    age(garden, editing.RESTORE_MINUTES + 1)
    assert restore(garden, stays[1], said) == RefusalCode.TOO_LATE
    age(garden, editing.RESTORE_MINUTES - 1)
    assert isinstance(restore(garden, stays[1], said), int)


def test_staff_remove_many_messages_with_as_few_statements_as_one(garden, stays, alice):
    taken = []
    for count in (1, 20):
        said = [say(garden, stays[1 + number % 2]).seq for number in range(count)]
        with CaptureQueriesContext(connection) as captured:
            assert removing.remove(garden.pk, said, alice) == count
        taken.append(len(captured))
    assert taken[0] == taken[1]
    entries = ModerationEntry.objects.order_by("pk").values_list("target", flat=True)
    assert list(entries) == ["bob", *["bob", "carol"] * 10]


def test_a_purge_and_its_undoing_take_as_few_statements_for_many_messages(
    upload_folder, garden, stays, alice, bob
):
    by, target, taken = on_page(alice), targets.of_account(bob), []
    for count in (1, 20):
        for _ in range(count):
            say_files(garden, stays[1].connection_id, send_file(garden, bob))
        with CaptureQueriesContext(connection) as captured:
            purged = purging.purge(by, target, garden.pk, 10)
            assert purged.count == count
            assert purging.undo_purge(by, purged.entry_id) == count
        taken.append(len(captured))
        removing.remove(garden.pk, range(1, 1000), alice)
    assert taken[1] <= taken[0]
