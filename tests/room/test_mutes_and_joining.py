"""A mute on the whole site, and people who come into other rooms at the same moment."""

import pytest

from chat.accounts import invitations
from chat.models import Access, JoinRequest, Membership, Presence, Room
from chat.room import (
    alteration,
    creation,
    join_requests,
    log,
    membership,
    moderation,
    targets,
    transcript,
    visits,
)
from chat.room.transcript import Said, Saying
from tests.support.moderating import on_page, site_moderator
from tests.support.presence import enter
from tests.support.threads import overlap

# SQLite locks the whole database.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_postgresql]


def test_nobody_joins_an_open_room_by_speaking_after_a_mute_on_the_site(garden, bob, process):
    (stay,) = enter(None, bob, process=process)
    root = on_page(site_moderator())

    def speak():
        (said,) = transcript.say([Saying(garden.pk, stay.connection_id, "hello")])
        assert isinstance(said, Said)

    def mute():
        moderation.mute(root, targets.of_account(bob))

    assert not Membership.objects.filter(room=garden, user=bob).exists()
    assert overlap(speak, mute)
    (refused,) = transcript.say([Saying(garden.pk, stay.connection_id, "again")])
    assert refused.code == "muted"


def test_who_comes_into_a_room_otherwise_waits_for_a_mute_on_the_site(
    lobby, garden, cellar, alice, bob, carol
):
    Room.objects.filter(pk=garden.pk).update(by_request=True)
    join_requests.ask(garden.pk, bob)
    invitation = invitations.create(on_page(site_moderator()), room_id=garden.pk)
    for come_in in (
        lambda: join_requests.admit(on_page(alice), JoinRequest.objects.get().pk),
        lambda: invitations.follow(invitation.token, bob),
        lambda: membership.invite(cellar.pk, bob, alice),
        lambda: creation.open_direct(carol, [bob]),
        lambda: creation.create(bob, "Another"),
    ):
        assert overlap(log.lock_lobby, come_in)


def test_a_room_is_not_created_after_a_mute_on_the_site(lobby, alice, bob, process):
    enter(None, bob, process=process)
    root, codes = on_page(site_moderator()), []

    def create():
        try:
            creation.create(bob, "Buy here")
        except creation.Refused as refused:
            codes.append(refused.code)

    assert overlap(lambda: moderation.mute(root, targets.of_account(bob)), create)
    assert codes == ["muted"]


def test_a_private_room_is_not_opened_during_a_mute_on_the_site(lobby, cellar, alice, bob, process):
    (stay,) = enter(None, bob, process=process)
    root, codes = on_page(site_moderator()), []

    def open_and_speak():
        alteration.set_access(cellar.pk, Access.OPEN, by=alice)
        (refused,) = transcript.say([Saying(cellar.pk, stay.connection_id, "hello")])
        codes.append(refused.code)

    assert overlap(lambda: moderation.mute(root, targets.of_account(bob)), open_and_speak)
    assert codes == ["muted"]


def test_a_mute_of_a_guest_waits_for_the_rooms_that_they_visit_alone(
    lobby, garden, cellar, alice, process
):
    alteration.set_access(garden.pk, Access.GUESTS, by=alice)
    enter(lobby, "gus", process=process)
    visits.join(garden.pk, Presence.objects.get().pk)
    alteration.set_access(cellar.pk, Access.GUESTS, by=alice)
    root = on_page(site_moderator())

    def mute():
        moderation.mute(root, targets.find("gus"))

    assert overlap(lambda: log.lock(garden.pk), mute)
    assert not overlap(lambda: log.lock(cellar.pk), mute)
