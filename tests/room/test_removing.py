"""Removing messages and restoring them: who may do it, and until when."""

import pytest

from chat.models import Membership, Message
from chat.room import editing, membership
from chat.room.refusal import RefusalCode
from tests.support.amending import age, line, react, remove, restore
from tests.support.presence import say

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
