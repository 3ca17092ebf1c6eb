"""Messages of newcomers wait for a moderator, if the site wants that."""

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import HeldMessage, Membership, Message, Room, Upload, User
from chat.room import creation, log, membership, newcomers, transcript
from chat.room.newcomers import MAX_WAITING, Held
from chat.room.refusal import RefusalCode, Refused
from chat.room.transcript import Said, Saying
from tests.support.plans import plan, run
from tests.support.presence import enter
from tests.support.uploads import say_files, send_file


@pytest.fixture
def people(lobby, alice, bob, process):
    """The connections of alice and bob, and that of a guest called gus."""
    stays = enter(lobby, alice, bob, "gus", process=process)
    return [stay.connection_id for stay in stays]


def say(room, seat, text="hello", client_id=None, **more):
    (result,) = transcript.say([Saying(room.pk, seat, text, client_id, **more)])
    return result


def texts(room):
    return [line.text for line in log.after(room.pk, 0, 1000) if line.kind == "said"]


def said_before(room, user, count):
    """Let an account have some messages in the log."""
    last = Room.objects.get(pk=room.pk).last_seq
    Message.objects.bulk_create(
        Message(room=room, seq=last + number, kind="said", name=user.username, author=user, at=at)
        for number, at in enumerate([user.date_joined] * count, 1)
    )
    Room.objects.filter(pk=room.pk).update(last_seq=last + count)


@pytest.mark.usefixtures("hold_first")
def test_a_message_of_a_new_account_waits_and_takes_no_number(lobby, people):
    last = Room.objects.get(pk=lobby.pk).last_seq
    held = say(lobby, people[1], "buy this", uuid4())
    assert isinstance(held, Held)
    assert not held.is_refused
    assert texts(lobby) == []
    assert Room.objects.get(pk=lobby.pk).last_seq == last
    row = HeldMessage.objects.get(pk=held.held_id)
    assert (row.user.username, row.presence, row.text) == ("bob", None, "buy this")


@pytest.mark.usefixtures("hold_first")
def test_an_account_with_enough_messages_does_not_wait(lobby, bob, people, settings):
    settings.HOLD_FIRST = 2
    said_before(lobby, bob, 1)
    assert isinstance(say(lobby, people[1]), Held)
    said_before(lobby, bob, 1)
    assert isinstance(say(lobby, people[1]), Said)


@pytest.mark.usefixtures("hold_first")
def test_messages_that_were_removed_do_not_count(lobby, bob, people):
    said_before(lobby, bob, 2)
    Message.objects.filter(author=bob, kind="said").update(removed=True)
    assert isinstance(say(lobby, people[1]), Held)


@pytest.mark.usefixtures("hold_first")
def test_messages_that_no_moderator_had_to_see_do_not_count(lobby, cellar, alice, bob, people):
    own = creation.create(bob, "Own")
    membership.invite(cellar.pk, bob, by=alice)
    for room in (own, cellar, creation.open_direct(bob, [alice])):
        said_before(room, bob, 3)
    membership.join(own.pk, alice)
    membership.set_role(own.pk, alice, Membership.Role.OWNER, by=bob)
    membership.part(own.pk, bob)
    assert isinstance(say(lobby, people[1]), Held)
    said_before(lobby, bob, 1)
    assert isinstance(say(lobby, people[1]), Said)


@pytest.mark.usefixtures("hold_first")
def test_all_messages_of_a_guest_wait(lobby, people):
    for _ in range(3):
        held = say(lobby, people[2])
        assert isinstance(held, Held)
    row = HeldMessage.objects.get(pk=held.held_id)
    assert (row.user, row.presence.name, row.client_id) == (None, "gus", None)
    assert HeldMessage.objects.count() == 3


@pytest.mark.usefixtures("hold_first")
def test_a_repeated_message_is_held_once(lobby, people):
    same = uuid4()
    first = say(lobby, people[1], "once", same)
    saying = Saying(lobby.pk, people[1], "once", same)
    other = Saying(lobby.pk, people[1], "other", uuid4())
    results = transcript.say([saying, other, other])
    assert [result.held_id for result in results] == [
        first.held_id,
        results[1].held_id,
        results[1].held_id,
    ]
    assert HeldMessage.objects.count() == 2


@pytest.mark.usefixtures("hold_first")
def test_a_person_has_a_bounded_number_of_messages_that_wait(lobby, people):
    for seat in people[1:]:
        results = transcript.say(
            [Saying(lobby.pk, seat, "x", uuid4()) for _ in range(MAX_WAITING - 1)]
        )
        assert all(isinstance(result, Held) for result in results)
        assert isinstance(say(lobby, seat), Held)
        refused = say(lobby, seat)
        assert isinstance(refused, Refused)
        assert refused.code == RefusalCode.TOO_MANY_HELD


@pytest.mark.usefixtures("hold_first")
def test_guests_who_come_back_do_not_fill_the_list_of_a_room(lobby, people, process, monkeypatch):
    monkeypatch.setattr(newcomers, "MAX_WAITING_OF_GUESTS", 3)
    alice, _, gus = people
    results = transcript.say([Saying(lobby.pk, gus, "x") for _ in range(2)])
    assert all(isinstance(result, Held) for result in results)
    (stay,) = enter(lobby, "gus again", process=process)
    again = [Saying(lobby.pk, stay.connection_id, "x") for _ in range(2)]
    held, refused = transcript.say(again)
    assert isinstance(held, Held)
    assert refused.code == RefusalCode.TOO_MANY_HELD
    assert isinstance(say(lobby, alice), Held)


@pytest.mark.usefixtures("hold_first")
def test_nothing_waits_in_a_direct_room(alice, bob, people):
    room = creation.open_direct(alice, [bob])
    assert isinstance(say(room, people[1]), Said)


@pytest.mark.usefixtures("hold_first")
def test_moderators_do_not_wait(lobby, garden, alice, bob, people):
    assert isinstance(say(garden, people[0]), Said)  # alice owns the garden
    assert isinstance(say(lobby, people[0]), Held)
    membership.join(garden.pk, bob)
    Membership.objects.filter(room=garden, user=bob).update(role=Membership.Role.MODERATOR)
    assert isinstance(say(garden, people[1]), Said)
    bob.user_permissions.add(Permission.objects.get(codename="moderate"))
    assert isinstance(say(lobby, people[1]), Said)
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert isinstance(say(lobby, people[0]), Said)


@pytest.mark.usefixtures("hold_first")
def test_an_account_that_speaks_in_an_open_room_becomes_a_member_though_it_waits(
    garden, bob, people
):
    held = say(garden, people[1])
    assert held.joined.name == "bob"
    assert Membership.objects.filter(room=garden, user=bob).exists()
    assert log.after(garden.pk, held.joined.seq - 1, 10) == [held.joined]
    assert say(garden, people[1]).joined is None


@pytest.mark.usefixtures("hold_first")
def test_files_of_a_message_that_waits_are_kept(lobby, bob, people):
    upload = send_file(lobby, bob)
    assert Upload.objects.get(pk=upload.pk).expires is not None
    held = say_files(lobby, people[1], upload)
    assert held.row.files == [upload.pk]
    assert Upload.objects.get(pk=upload.pk).expires is None


@pytest.mark.usefixtures("hold_first")
def test_one_batch_has_messages_that_wait_and_others(lobby, alice, people):
    said_before(lobby, alice, 2)
    sayings = [Saying(lobby.pk, seat, f"by {seat}", uuid4()) for seat in [*people, 999_999]]
    results = transcript.say(sayings)
    assert [type(result) for result in results] == [Said, Held, Held, Refused]
    assert texts(lobby)[-1] == f"by {people[0]}"


@pytest.mark.usefixtures("hold_first")
def test_an_account_with_a_refused_message_is_asked_about_for_a_week(lobby, alice, bob, people):
    held = say(lobby, people[1])
    HeldMessage.objects.update(decision="refused")
    said_before(lobby, bob, 1)
    before = statements(lobby, people[1])
    assert statements(lobby, people[1]) == before
    HeldMessage.objects.update(at=held.row.at - newcomers.SENT_AGAIN_WITHIN)
    statements(lobby, people[1])
    assert statements(lobby, people[1]) < before


def statements(room, *seats):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        transcript.say([Saying(room.pk, seat, "hello", uuid4()) for seat in seats])
    return len(queries)


def test_nothing_is_asked_while_nothing_has_to_wait(lobby, alice, people, settings):
    newcomers.known.clear()
    before = statements(lobby, *people)
    said_before(lobby, alice, 2)
    settings.HOLD_FIRST = 2
    assert statements(lobby, people[0]) == before + 1  # alice was counted
    assert statements(lobby, people[0]) == before  # and is known now


@pytest.mark.usefixtures("hold_first")
def test_many_newcomers_cost_a_bounded_number_of_statements(lobby, people, process):
    one = statements(lobby, people[1])
    users = [User.objects.create_user(f"new{number}") for number in range(10)]
    seats = [stay.connection_id for stay in enter(lobby, *users, process=process)]
    assert statements(lobby, *seats) == one


@pytest.mark.usefixtures("hold_first")
def test_the_messages_of_a_new_account_are_counted_by_an_index(lobby, alice, people):
    said_before(lobby, alice, 3000)
    if connection.vendor == "postgresql":
        run("ANALYZE")
    with CaptureQueriesContext(connection) as captured:
        say(lobby, people[1])
    (counting,) = [each["sql"] for each in captured if "counted" in each["sql"]]
    steps = plan(counting)
    assert any("chat_message_author_id" in step for step in steps), steps
    assert not any(re.search("SCAN said|Seq Scan on chat_message", step) for step in steps), steps
