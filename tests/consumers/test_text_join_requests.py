"""Rooms on the legacy port whose moderators decide who joins."""

import pytest

from chat.models import JoinRequest, Room
from chat.room import join_requests
from tests.support.moderating import on_page
from tests.support.text_clients import NOT_ALLOWED, NOT_JOINED, enter, on_site, play

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = "Moderators of that room have been asked to let you in \n"


@pytest.fixture
def garden_by_request(garden):
    Room.objects.filter(pk=garden.pk).update(by_request=True, guests_allowed=True)


@pytest.mark.usefixtures("garden_by_request")
def test_join_asks_and_whoever_is_let_in_follows_the_room(alice, keys):
    async def journey():
        owner, bob = await enter(keys, "alice", "bob")
        assert NOT_JOINED in await bob.answer("to rose-garden hello")
        assert not await on_site(JoinRequest.objects.exists)
        assert ASKED in await bob.answer("join rose-garden")
        request = await on_site(JoinRequest.objects.select_related("user").get)
        assert request.user.username == "bob"
        await on_site(join_requests.admit, on_page(alice), request.pk)
        await bob.until("* You are in #rose-garden now\n")
        await owner.ask("to rose-garden welcome", "#rose-garden alice: welcome\n")
        await bob.until("#rose-garden alice: welcome\n")

    play(journey)


@pytest.mark.usefixtures("garden_by_request")
def test_somebody_who_was_declined_hears_why_when_asking_again(alice, keys):
    async def journey():
        (bob,) = await enter(keys, "bob")
        await bob.answer("join rose-garden")
        request = await on_site(JoinRequest.objects.get)
        await on_site(join_requests.decline, on_page(alice), request.pk, "friends only")
        assert "friends only" in await bob.answer("join rose-garden")

    play(journey)


@pytest.mark.usefixtures("garden_by_request")
def test_a_guest_cannot_ask(keys):
    async def journey():
        (carol,) = await enter(keys, "carol")
        assert NOT_ALLOWED in await carol.answer("join rose-garden")

    play(journey)
