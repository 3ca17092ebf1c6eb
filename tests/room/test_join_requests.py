"""Requests to be let into rooms whose moderators decide who may join."""

import pytest
from django.utils import timezone

from chat.models import JoinRequest, Membership, ModerationEntry, Room
from chat.room import alteration, join_requests, membership
from chat.room.refusal import RefusalCode, Refused
from tests.support.moderating import OPERATOR, on_page, site_moderator
from tests.support.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def request_of_bob(garden, bob):
    Room.objects.filter(pk=garden.pk).update(by_request=True)
    join_requests.ask(garden.pk, bob)
    return JoinRequest.objects.get()


def refusal(function, *arguments):
    """Return the refusal of a call."""
    with pytest.raises(Refused) as refused:
        function(*arguments)
    return refused.value


def is_member(room, user):
    return Membership.objects.filter(room=room, user=user).exists()


def last_line(room):
    line = room.message_set.order_by("-seq").first()
    return line.kind, line.name, line.text


def test_somebody_who_asks_waits_once(garden, bob, request_of_bob):
    join_requests.ask(garden.pk, bob)

    assert list(join_requests.of_account(bob.pk)) == [request_of_bob]
    assert not is_member(garden, bob)


def test_those_who_are_admitted_become_members(garden, alice, bob, request_of_bob):
    join_requests.admit(on_page(alice), request_of_bob.pk)

    assert is_member(garden, bob)
    assert last_line(garden) == ("joined", "bob", "alice")
    assert not join_requests.of_account(bob.pk)
    entry = ModerationEntry.objects.get()
    assert (entry.action, entry.by, entry.target, entry.room) == (
        *("admit", "alice", "bob", "The Garden"),
    )


def test_those_who_are_declined_hear_why_and_ask_again_later(garden, alice, bob, request_of_bob):
    join_requests.decline(on_page(alice), request_of_bob.pk, "members only")
    refused = refusal(join_requests.ask, garden.pk, bob)

    assert not is_member(garden, bob)
    assert (refused.code, refused.reason) == (RefusalCode.TOO_SOON, "members only")
    assert 0 < refused.wait <= join_requests.ASK_AGAIN_AFTER.total_seconds()
    entries = ModerationEntry.objects.filter(action="decline", target_id=bob.pk)
    entries.update(at=entries.get().at - join_requests.ASK_AGAIN_AFTER)
    join_requests.ask(garden.pk, bob)
    assert join_requests.of_account(bob.pk).get().room == garden


def test_a_request_can_be_taken_back(garden, alice, bob, request_of_bob):
    join_requests.withdraw(garden.pk, bob)

    refused = refusal(join_requests.admit, on_page(alice), request_of_bob.pk)
    assert refused.code is RefusalCode.NO_SUCH_ENTRY
    join_requests.ask(garden.pk, bob)


def test_moderators_of_the_room_and_the_site_decide(garden, alice, bob, carol, request_of_bob):
    mona = on_page(site_moderator("mona"))

    for decide in (join_requests.admit, join_requests.decline):
        refused = refusal(decide, on_page(carol), request_of_bob.pk)
        assert refused.code is RefusalCode.NOT_ALLOWED
    assert list(join_requests.waiting(alice)) == [request_of_bob]
    assert list(join_requests.waiting(mona.user)) == [request_of_bob]
    assert not join_requests.waiting(carol)
    assert not join_requests.waiting(bob)
    join_requests.admit(mona, request_of_bob.pk)
    assert is_member(garden, bob)


def test_the_operator_decides_everywhere(cellar, bob):
    request = JoinRequest.objects.create(room=cellar, user=bob, at=timezone.now())
    refused = refusal(join_requests.admit, on_page(site_moderator("mona")), request.pk)
    join_requests.admit(OPERATOR, request.pk)

    assert refused.code is RefusalCode.NO_SUCH_ROOM
    assert is_member(cellar, bob)


def test_two_moderators_decide_once(garden, alice, bob, request_of_bob):
    def decline():
        try:
            return join_requests.decline(on_page(alice), request_of_bob.pk)
        except Refused as refused:
            return refused.code

    decisions = together(*[decline] * 4)

    assert decisions.count(None) == 1
    assert ModerationEntry.objects.count() == 1


def test_requests_are_bounded_and_only_for_rooms_that_can_be_seen(
    garden, cellar, alice, bob, monkeypatch
):
    hidden = refusal(join_requests.ask, cellar.pk, bob)
    monkeypatch.setattr(join_requests, "MAX_REQUESTS", 0)
    too_many = refusal(join_requests.ask, garden.pk, bob)
    alteration.archive(garden.pk, alice)
    archived = refusal(join_requests.ask, garden.pk, bob)

    assert hidden.code is RefusalCode.NO_SUCH_ROOM
    assert too_many.code is RefusalCode.TOO_MANY_ROOMS
    assert archived.code is RefusalCode.ARCHIVED


def test_those_who_became_members_in_another_way_are_admitted_without_a_line(
    garden, alice, bob, request_of_bob
):
    membership.invite(garden.pk, bob, alice)
    before = last_line(garden)
    join_requests.admit(on_page(alice), request_of_bob.pk)

    assert last_line(garden) == before
    assert is_member(garden, bob)
