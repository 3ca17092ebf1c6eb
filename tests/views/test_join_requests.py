"""The pages on which people ask to be let into a room."""

import pytest

from chat.models import JoinRequest, Membership, Room
from chat.room import creation, join_requests, room_rules
from tests.support.accounts import browser_of
from tests.support.moderating import on_page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def garden(lobby, alice):
    room = creation.create(alice, "The Garden")
    room_rules.set_by_request(on_page(alice), room.pk, True)
    return room


@pytest.fixture
def browser(bob):
    return browser_of(bob, "builder's yard")


def rooms_page(browser):
    return browser.get("/rooms/").content.decode()


def test_the_button_for_joining_asks_the_moderators(browser, bob, garden):
    offer = rooms_page(browser)
    answer = browser.post(f"/r/{garden.slug}/join/", follow=True).content.decode()

    assert "Ask to join" in offer
    assert "They have your request." in answer
    assert "You have asked to join" in answer
    assert JoinRequest.objects.get().user == bob
    assert not Membership.objects.filter(room=garden, user=bob).exists()


def test_the_settings_of_the_room_offer_to_ask(browser, bob, garden):
    address = f"/r/{garden.slug}/settings/"
    before = browser.get(address).content.decode()
    answer = browser.post(address, {"action": "join"}).content.decode()

    assert 'value="join"' in before
    assert "They have your request." in answer
    assert JoinRequest.objects.get().user == bob


def test_a_request_is_taken_back_on_the_list_of_rooms(browser, bob, garden):
    join_requests.ask(garden.pk, bob)
    assert "Cancel" in rooms_page(browser)
    browser.post(f"/r/{garden.slug}/join/withdraw/")

    assert not JoinRequest.objects.exists()
    assert "Cancel" not in rooms_page(browser)


@pytest.mark.parametrize("is_declined", [False, True])
def test_everybody_may_join_once_no_request_is_needed(browser, alice, bob, garden, is_declined):
    join_requests.ask(garden.pk, bob)
    if is_declined:
        join_requests.decline(on_page(alice), JoinRequest.objects.get().pk)
    Room.objects.filter(pk=garden.pk).update(by_request=False)
    for page in (rooms_page(browser), browser.get(f"/r/{garden.slug}/settings/").content.decode()):
        assert ">Join<" in page
        assert "You have asked to join" not in page
        assert "You were not let in" not in page


@pytest.mark.parametrize("page", ["", "settings/"])
def test_a_request_is_taken_back_on_the_pages_of_the_room(browser, bob, garden, page):
    address = f"/r/{garden.slug}/"
    join_requests.ask(garden.pk, bob)
    settings = browser.get(f"{address}settings/").content.decode()
    back = page.strip("/") or "room"
    answer = browser.post(f"{address}join/withdraw/", {"back": back})

    assert "You have asked to join" in settings
    assert "Ask to join" not in settings
    assert answer.url == f"{address}{page}"
    assert not JoinRequest.objects.exists()
    assert "Ask to join" in browser.get(f"{address}settings/").content.decode()


def test_the_list_of_rooms_says_why_somebody_was_not_let_in(browser, bob, garden, alice):
    join_requests.ask(garden.pk, bob)
    join_requests.decline(on_page(alice), JoinRequest.objects.get().pk, "<b>friends</b> only")
    page = rooms_page(browser)
    answer = browser.post(f"/r/{garden.slug}/join/", follow=True).content.decode()

    assert "You were not let in: &lt;b&gt;friends&lt;/b&gt; only" in page
    assert f"/r/{garden.slug}/join/" not in page
    assert "You can ask again in a day" in answer


def test_those_who_are_admitted_are_members(browser, bob, garden, alice):
    join_requests.ask(garden.pk, bob)
    join_requests.admit(on_page(alice), JoinRequest.objects.get().pk)

    assert "You have asked" not in rooms_page(browser)
    assert browser.post(f"/r/{garden.slug}/join/").url == f"/r/{garden.slug}/"
