"""Rooms on the legacy port whose moderators decide who joins."""

import pytest

from chat.accounts import access_keys, applications
from chat.models import JoinRequest, Membership, ModerationEntry, Room, User
from chat.room import join_requests
from tests.support.accounts import PASSWORD
from tests.support.moderating import on_page, site_moderator
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


# Deciding


@pytest.mark.usefixtures("garden_by_request")
def test_people_are_let_into_a_room_or_not(garden, alice, bob, keys):
    carol = User.objects.create_user("carol")
    for person in (bob, carol):
        join_requests.ask(garden.pk, person)
    first, second = JoinRequest.objects.order_by("pk").values_list("pk", flat=True)

    async def journey():
        owner, ben = await enter(keys, "alice", "bob")
        assert "Unknown command requests" in await owner.answer("requests")  # in the lobby
        await owner.answer("go rose-garden")
        assert "decline N [REASON] - " in await owner.answer("help")
        listed = await owner.answer("requests")
        assert " #rose-garden bob\n" in listed
        assert " #rose-garden carol\n" in listed
        assert f"Admitted {first} \n" in await owner.answer(f"admit {first}")
        await ben.until("* You are in #rose-garden now\n")
        answer = await owner.answer(f"decline {second} friends only")
        assert f"Declined {second} \n" in answer
        assert "Nothing with that number waits" in await owner.answer(f"admit {second}")
        assert "Nothing waits for you \n" in await owner.answer("requests")
        assert "Unknown command approve" in await owner.answer("approve 1")
        assert "Unknown command requests" in await ben.answer("requests")

    play(journey)
    assert Membership.objects.filter(room=garden, user=bob).exists()
    entry = ModerationEntry.objects.get(action="decline")
    assert (entry.by, entry.target, entry.reason) == ("alice", "carol", "friends only")
    assert entry.door == "text"


@pytest.mark.usefixtures("garden_by_request")
def test_new_accounts_are_approved_and_rejected_in_the_lobby(garden, bob, keys):
    keys = {**keys, "serena": access_keys.create(site_moderator("serena"), "terminal")}
    dora = applications.apply("dora", PASSWORD, "", "I know ann")
    eric = applications.apply("eric", PASSWORD, "", "hello")
    join_requests.ask(garden.pk, bob)
    request = JoinRequest.objects.get().pk

    async def journey():
        (serena,) = await enter(keys, "serena")
        listed = await serena.answer("requests")
        assert f"{request} " in listed.split("Joining:\n")[1].splitlines()[0]
        assert " dora: I know ann\n" in listed.split("New Accounts:\n")[1]
        assert f"Approved {dora.pk} \n" in await serena.answer(f"approve {dora.pk}")
        assert f"Rejected {eric.pk} \n" in await serena.answer(f"reject {eric.pk} no strangers")
        assert "decided already" in await serena.answer(f"reject {eric.pk}")
        assert f"Admitted {request} \n" in await serena.answer(f"admit {request}")
        assert "Usage: approve N [REASON] \n" in await serena.answer("approve dora")

    play(journey)
    dora.user.refresh_from_db()
    eric.refresh_from_db()
    assert dora.user.is_active
    assert (eric.state, eric.reason, eric.decided_by) == ("rejected", "no strangers", "serena")
