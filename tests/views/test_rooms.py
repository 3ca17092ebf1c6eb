"""The pages on which people find, join and create rooms and open direct ones."""

import pytest

from chat.models import Membership, Room, User
from chat.room import alteration, creation, membership, moderation, targets
from tests.support.admin import signed_in
from tests.support.log import say
from tests.support.moderating import MINUTES, OPERATOR
from tests.support.presence import enter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(alice, lobby):
    return signed_in(alice)


@pytest.fixture
def garden(lobby, bob):
    """An open room that bob owns."""
    return creation.create(bob, "Garden", topic="Roses, mostly")


def listed(browser, query=""):
    return [room.name for room in browser.get(f"/rooms/{query}").context["page"]]


def error(response, field):
    """Return the sentence that stands beside a field."""
    (sentence,) = response.context["form"].errors[field]
    assert sentence in response.content.decode().replace("&#x27;", "'")
    return sentence


# Finding and joining


def test_the_list_shows_open_rooms_by_name_with_topic_and_number_of_members(browser, garden, bob):
    creation.create(bob, "attic")
    creation.create(bob, "Secret plans", private=True)
    alteration.archive(creation.create(bob, "Bygone").pk, by=bob)
    assert listed(browser) == ["attic", "Garden", "Lobby"]
    page = browser.get("/rooms/").content.decode()
    assert "Roses, mostly" in page
    assert "1 member<" in page
    assert "Secret" not in page


@pytest.mark.parametrize("words", ["garden", "ROSE", "rose gard"])
def test_a_search_finds_every_word_in_name_or_topic(browser, garden, words):
    assert listed(browser, f"?q={words}") == ["Garden"]
    assert listed(browser, f"?q={words}+tulips") == []


def test_a_search_for_what_no_name_contains_finds_everything(browser, garden):
    assert listed(browser, "?q=%00") == ["Garden", "Lobby"]


def test_more_than_twenty_rooms_have_pages_and_a_search_field(browser, bob):
    assert 'type="search"' not in browser.get("/rooms/").content.decode()
    for number in range(25):
        creation.create(bob, f"Room {number:02}")
    assert 'type="search"' in browser.get("/rooms/").content.decode()
    assert len(listed(browser)) == 20
    assert listed(browser, "?page=2")[-1] == "Room 24"
    assert listed(browser, "?page=nonsense") == listed(browser)


def test_a_long_list_takes_as_many_statements_as_a_short_one(
    browser, bob, django_assert_max_num_queries
):
    for number in range(25):
        creation.create(bob, f"Room {number:02}")
    with django_assert_max_num_queries(10):
        browser.get("/rooms/")


def test_joining_leads_into_the_room_and_marks_it(browser, garden, alice):
    assert "Joined" not in browser.get("/rooms/?q=garden").content.decode()
    assert browser.post(f"/r/{garden.slug}/join/").url == f"/r/{garden.slug}/"
    assert Membership.objects.filter(room=garden, user=alice).exists()
    assert "Joined" in browser.get("/rooms/?q=garden").content.decode()


def test_a_link_does_not_join(browser, garden):
    assert browser.get(f"/r/{garden.slug}/join/").status_code == 405


def test_a_private_room_cannot_be_joined_and_looks_like_none(browser, bob):
    room = creation.create(bob, "Secret plans", private=True)
    response = browser.post(f"/r/{room.slug}/join/")
    assert (response.status_code, b"Secret" in response.content) == (404, False)


def test_an_archived_room_cannot_be_joined(browser, garden, alice, bob):
    alteration.archive(garden.pk, by=bob)
    response = browser.post(f"/r/{garden.slug}/join/", follow=True)
    assert "archived" in response.content.decode()
    assert not Membership.objects.filter(room=garden, user=alice).exists()


def test_what_is_not_read_is_counted_beside_the_room(browser, garden, alice, bob, process):
    membership.join(garden.pk, alice)
    (stay,) = enter(Room.first(), bob, process=process)
    say(garden, stay, "hello", "@alice, are you here?")
    assert "2 unread, 1 for you" in browser.get("/rooms/").content.decode()


def test_private_and_direct_rooms_of_the_user_are_listed_beside(browser, alice, bob):
    creation.create(alice, "My plans", private=True)
    creation.create(bob, "Secret plans", private=True)
    creation.open_direct(alice, [bob])
    response = browser.get("/rooms/")
    assert [summary.kind for summary in response.context["others"]] == ["private", "direct"]
    html = response.content.decode()
    assert "My plans" in html
    assert "<bdi>bob</bdi>" in html
    assert "Secret" not in html
    assert browser.get("/rooms/?q=plans").context["others"] == []


# Creating


def test_where_only_staff_create_rooms_others_are_told_so(browser, alice, settings):
    settings.ROOM_CREATION = "staff"
    assert "New room" not in browser.get("/rooms/").content.decode()
    assert browser.get("/rooms/new/").status_code == 403
    form = {"name": "Tea", "access": "open"}
    assert "You may not do this here." in browser.post("/rooms/new/", form).content.decode()
    assert not Room.objects.filter(name="Tea").exists()
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert browser.post("/rooms/new/", form).url == "/r/tea/"


@pytest.mark.parametrize("access", ["open", "private"])
def test_a_created_room_belongs_to_its_creator_and_is_opened(browser, alice, access):
    form = {"name": " Tea  house ", "topic": "Green tea", "access": access}
    response = browser.post("/rooms/new/", form)
    room = Room.objects.get(name="Tea house")
    assert response.url == f"/r/{room.slug}/"
    assert (room.kind, room.topic) == (access, "Green tea")
    assert Membership.objects.get(room=room).user == alice


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "Garden", "access": "open"}, "name"),
        ({"name": "\u200b", "access": "open"}, "name"),
        ({"name": "x" * 65, "access": "open"}, "name"),
        ({"name": "Tea", "topic": "x" * 251, "access": "open"}, "topic"),
        ({"name": "Tea", "access": "guests"}, "access"),
    ],
)
def test_a_refused_room_has_a_sentence_beside_the_field(browser, garden, form, field):
    before = Room.objects.count()
    response = browser.post("/rooms/new/", form)
    assert error(response, field).endswith((".", ")."))
    assert Room.objects.count() == before


def test_a_muted_account_is_told_so_and_creates_no_room(browser, alice):
    moderation.mute(OPERATOR, targets.of_account(alice), None, MINUTES, "too loud")
    refused = browser.post("/rooms/new/", {"name": "Garden", "access": "open"})
    assert error(refused, "__all__").startswith("You are muted until ")
    assert not Room.objects.filter(name="Garden").exists()


# Direct rooms


def test_a_direct_room_is_opened_by_names(browser, alice, bob):
    carol = User.objects.create_user("carol")
    response = browser.post("/rooms/direct/", {"names": "Bob, carol"})
    room = Room.objects.get(kind="direct")
    assert response.url == f"/r/{room.slug}/"
    people = Membership.objects.filter(room=room).values_list("user", flat=True)
    assert set(people) == {alice.pk, bob.pk, carol.pk}
    assert browser.post("/rooms/direct/", {"names": "carol bob"}).url == response.url


def test_a_link_fills_in_the_names(browser):
    assert 'value="bob"' in browser.get("/rooms/direct/?names=bob").content.decode()


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ("nobody", "“nobody”"),
        ("gone", "“gone”"),
        ("alice", "Leave out your own name."),
        (" , ", "Name at least one person."),
        ("a b c d e f g h", "at most 7"),
    ],
)
def test_names_that_cannot_be_meant_are_refused_beside_the_field(browser, bob, names, says):
    User.objects.create_user("gone", is_active=False)
    assert says in error(browser.post("/rooms/direct/", {"names": names}), "names")
    assert not Room.objects.filter(kind="direct").exists()
