"""Moderators release or refuse messages that wait."""

from uuid import uuid4

import pytest
from django.utils import timezone

from chat.accounts import lifecycle
from chat.models import HeldMessage, Membership, ModerationEntry, Upload, User
from chat.models.moderation import MAX_REASON
from chat.room import (
    alteration,
    holding,
    log,
    membership,
    moderation,
    presence,
    room_rules,
    targets,
    transcript,
)
from chat.room.moderation_log import Door, Moderator
from chat.room.refusal import RefusalCode, Refused
from chat.room.transcript import Said, Saying
from tests.support.presence import enter
from tests.support.rooms import refusal
from tests.support.threads import together
from tests.support.uploads import may_read, say_files, send_file

pytestmark = pytest.mark.usefixtures("hold_first")


@pytest.fixture
def owner(alice):
    """The owner of the garden, as a moderator on a page."""
    return Moderator(alice, Door.PAGE, "192.0.2.1")


@pytest.fixture
def staff(transactional_db):
    """A site moderator, as a moderator on a page."""
    return Moderator(User.objects.create_user("sam", is_staff=True), Door.PAGE)


@pytest.fixture
def seat(garden, bob, process):
    """The connection of bob, who is new."""
    (stay,) = enter(None, bob, process=process)
    return stay.connection_id


def say(room, seat, text="hello", client_id=None, **more):
    (result,) = transcript.say([Saying(room.pk, seat, text, client_id or uuid4(), **more)])
    return result


def lines(room):
    found = log.after(room.pk, 0, 1000)
    assert [line.seq for line in found] == list(range(1, len(found) + 1))
    return found


def entries(action):
    return list(ModerationEntry.objects.filter(action=action).order_by("pk"))


def test_a_released_message_is_said_then_under_the_name_of_its_author(garden, bob, owner, seat):
    same = uuid4()
    held = say(garden, seat, "**hello**", same)
    alteration.set_topic(garden.pk, "Roses", by=owner.user)
    seq = holding.release(owner, held.held_id)
    line = lines(garden)[-1]
    assert (line.seq, line.kind, line.name, line.text) == (seq, "said", "bob", "**hello**")
    assert (line.author_id, line.guest, line.client_id) == (bob.pk, False, same)
    assert line.spans
    row = HeldMessage.objects.get(pk=held.held_id)
    assert (row.decision, row.seq, row.decided_by) == ("released", seq, "alice")
    (entry,) = entries("release")
    assert (entry.by, entry.by_address, entry.door) == ("alice", "192.0.2.1", "page")
    assert (entry.target_id, entry.room_id, entry.seq) == (bob.pk, garden.pk, seq)


def test_an_author_does_not_wait_after_enough_released_messages(garden, owner, seat):
    holding.release(owner, say(garden, seat).held_id)
    assert isinstance(say(garden, seat), Said)


def test_a_message_that_is_sent_again_after_its_release_is_known(garden, owner, seat):
    same = uuid4()
    seq = holding.release(owner, say(garden, seat, "x", same).held_id)
    assert say(garden, seat, "x", same) == Said(seq, again=True)


def test_a_message_is_released_once(garden, owner, staff, seat):
    held = say(garden, seat)
    results = []

    def decide(moderator):
        try:
            results.append(holding.release(moderator, held.held_id))
        except Refused as refused:
            results.append(refused.code)

    together(lambda: decide(owner), lambda: decide(staff))
    assert RefusalCode.DECIDED in results
    assert len([line for line in lines(garden) if line.kind == "said"]) == 1
    assert len(entries("release")) == 1
    assert refusal(holding.refuse, owner, held.held_id) == RefusalCode.DECIDED


def test_a_refused_message_is_never_said_and_its_author_hears_the_reason(garden, owner, seat):
    same = uuid4()
    held = say(garden, seat, "buy this", same)
    holding.refuse(owner, held.held_id, "No\nadvertisements")
    again = say(garden, seat, "buy this", same)
    assert (again.held_id, again.is_refused) == (held.held_id, True)
    assert again.row.reason == "No advertisements"
    # Nor when the account is not new any more.
    holding.release(owner, say(garden, seat, "hello").held_id)
    assert say(garden, seat, "buy this", same).is_refused
    assert [line.text for line in lines(garden) if line.kind == "said"] == ["hello"]
    assert refusal(holding.release, owner, held.held_id) == RefusalCode.DECIDED
    (entry,) = entries("refuse")
    assert (entry.target, entry.reason) == ("bob", "No advertisements")


def test_a_reason_that_is_too_long_is_refused(garden, owner, seat):
    held = say(garden, seat)
    reason = "x" * (MAX_REASON + 1)
    assert refusal(holding.refuse, owner, held.held_id, reason) == RefusalCode.TOO_LONG


def test_only_moderators_of_the_room_decide(garden, cellar, carol, bob, owner, staff, seat):
    membership.join(garden.pk, carol)
    held = say(garden, seat)
    stranger, operator = Moderator(carol, Door.PAGE), Moderator(None, Door.COMMAND)
    assert refusal(holding.release, stranger, held.held_id) == RefusalCode.NO_SUCH_ENTRY
    assert refusal(holding.refuse, stranger, held.held_id) == RefusalCode.NO_SUCH_ENTRY
    assert list(holding.waiting(stranger)) == []
    for moderator in (owner, staff, operator):
        assert [each.pk for each in holding.waiting(moderator)] == [held.held_id]
    # Nobody decides about their own message.
    Membership.objects.filter(room=garden, user=bob).update(role=Membership.Role.MODERATOR)
    own = Moderator(bob, Door.PAGE)
    assert list(holding.waiting(own)) == []
    assert refusal(holding.release, own, held.held_id) == RefusalCode.NOT_ALLOWED
    assert holding.release(operator, held.held_id)
    assert list(holding.waiting(owner)) == []
    assert refusal(holding.release, owner, 999_999) == RefusalCode.NO_SUCH_ENTRY


def test_messages_of_a_private_room_wait_for_its_moderators(cellar, alice, bob, staff, seat):
    membership.invite(cellar.pk, bob, by=alice)
    held = say(cellar, seat)
    assert list(holding.waiting(staff)) == []
    assert refusal(holding.release, staff, held.held_id) == RefusalCode.NO_SUCH_ENTRY
    admin = Moderator(User.objects.create_superuser("root"), Door.ADMIN)
    assert [each.pk for each in holding.waiting(admin)] == [held.held_id]
    assert holding.release(admin, held.held_id)


def test_messages_of_people_who_have_left_can_be_released(garden, lobby, bob, owner, staff, seat):
    (guest,) = enter(lobby, "gus", process=presence_process(seat))
    held = say(garden, seat, "from bob")
    (by_guest,) = transcript.say([Saying(lobby.pk, guest.connection_id, "from gus")])
    membership.part(garden.pk, bob)
    presence.leave([seat, guest.connection_id])
    holding.release(owner, held.held_id)
    holding.release(staff, by_guest.held_id)
    assert not Membership.objects.filter(room=garden, user=bob).exists()
    assert [(line.text, line.author_id) for line in lines(garden)][-1] == ("from bob", bob.pk)
    line = lines(lobby)[-1]
    assert (line.name, line.text, line.guest, line.author_id) == ("gus", "from gus", True, None)
    assert entries("release")[-1].target_key == "gus"


def presence_process(seat):
    from chat.models import Connection

    return Connection.objects.get(pk=seat).process_id


def test_a_message_in_an_archived_room_is_not_released(garden, owner, seat):
    held = say(garden, seat)
    alteration.archive(garden.pk, by=owner.user)
    assert refusal(holding.release, owner, held.held_id) == RefusalCode.ARCHIVED
    assert HeldMessage.objects.get(pk=held.held_id).decision == "waiting"
    assert entries("release") == []
    holding.refuse(owner, held.held_id)


def test_the_messages_of_a_deleted_account_are_deleted(garden, bob, owner, seat):
    held = say(garden, seat)
    lifecycle.delete(bob)
    assert refusal(holding.release, owner, held.held_id) == RefusalCode.NO_SUCH_ENTRY


def test_a_released_reply_quotes_the_message_and_mentions_its_people(garden, alice, owner, seat):
    first = say_as(alice, garden, seat)
    held = say(garden, seat, "yes, @alice", reply=first)
    holding.release(owner, held.held_id)
    line = lines(garden)[-1]
    assert (line.of, line.quote["name"]) == (first, "alice")
    assert list(line_mentions(garden, line)) == ["alice"]


def say_as(user, room, seat):
    (stay,) = enter(None, user, process=presence_process(seat))
    return say(room, stay.connection_id, "first").seq


def line_mentions(room, line):
    from chat.models import Mention

    return Mention.objects.filter(room=room, seq=line.seq).values_list("user__username", flat=True)


def test_files_come_with_a_released_message(garden, bob, owner, seat):
    upload = send_file(garden, bob)
    seq = holding.release(owner, say_files(garden, seat, upload).held_id)
    assert [file["id"] for file in lines(garden)[-1].files] == [upload.pk]
    assert Upload.objects.get(pk=upload.pk).seq == seq


def test_files_of_a_refused_message_are_deleted_later(garden, bob, owner, seat):
    upload = send_file(garden, bob)
    holding.refuse(owner, say_files(garden, seat, upload).held_id)
    assert Upload.objects.get(pk=upload.pk).expires > timezone.now()


def test_a_message_is_released_without_files_that_are_gone(garden, bob, owner, seat):
    upload, other = send_file(garden, bob), send_file(garden, bob)
    held = say_files(garden, seat, upload, text="look")
    empty = say_files(garden, seat, other)
    Upload.objects.all().delete()
    holding.release(owner, held.held_id)
    assert (lines(garden)[-1].text, lines(garden)[-1].files) == ("look", None)
    assert refusal(holding.release, owner, empty.held_id) == RefusalCode.NO_SUCH_FILE


def test_a_message_that_was_said_meanwhile_is_not_said_twice(garden, owner, seat, settings):
    same = uuid4()
    held = say(garden, seat, "x", same)
    settings.HOLD_FIRST = 0
    said = say(garden, seat, "x", same)
    assert holding.release(owner, held.held_id) == said.seq
    assert [line.text for line in lines(garden) if line.kind == "said"] == ["x"]


def test_accounts_find_their_messages_that_wait(garden, alice, bob, owner, seat):
    first, second = say(garden, seat, "first"), say(garden, seat, "second")
    found = holding.of_accounts([alice.pk, bob.pk])
    assert [held.text for held in found[bob.pk]] == ["first", "second"]
    assert found[alice.pk] == []
    holding.refuse(owner, first.held_id, "why")
    assert [held.text for held in holding.of_accounts([bob.pk])[bob.pk]] == ["second"]
    decided = holding.decided([first.held_id, second.held_id])
    assert [(held.pk, held.reason) for held in decided] == [(first.held_id, "why")]


def test_moderators_read_the_files_of_messages_that_wait(garden, alice, bob, carol, owner, seat):
    membership.join(garden.pk, carol)
    upload = send_file(garden, bob)
    assert not may_read(upload, alice)
    held = say_files(garden, seat, upload)
    assert [may_read(upload, user) for user in (alice, bob, carol)] == [True, True, False]
    holding.refuse(owner, held.held_id)
    assert not may_read(upload, alice)


def test_sanctions_and_limits_of_a_room_do_not_keep_a_moderator_from_releasing(
    garden, bob, owner, seat
):
    held = say(garden, seat)
    moderation.ban(owner, targets.of_account(bob), garden.pk, None, "")
    room_rules.set_locked(owner, garden.pk, True)
    room_rules.set_slow(owner, garden.pk, 30)
    holding.release(owner, held.held_id)
    assert lines(garden)[-1].name == "bob"
    assert not Membership.objects.filter(room=garden, user=bob).exists()


def test_a_muted_newcomer_is_refused_and_does_not_wait(garden, bob, owner, seat):
    moderation.mute(owner, targets.of_account(bob), garden.pk, None, "")
    refused = say(garden, seat)
    assert isinstance(refused, Refused)
    assert refused.code == RefusalCode.MUTED
    assert HeldMessage.objects.count() == 0


def test_somebody_of_a_higher_rank_is_out_of_reach(garden, bob, owner, seat):
    held = say(garden, seat)
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    assert refusal(holding.refuse, owner, held.held_id) == RefusalCode.NOT_ALLOWED
