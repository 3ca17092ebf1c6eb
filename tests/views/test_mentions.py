"""The list of the messages that mention the user."""

import re

import pytest

from chat.models import Room
from chat.room import creation, membership, removing
from tests.support.admin import signed_in
from tests.support.log import say
from tests.support.presence import enter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(alice):
    return signed_in(alice)


@pytest.fixture
def stay(lobby, alice, bob, process):
    """The stay of bob, who speaks."""
    _, stay = enter(lobby, alice, bob, process=process)
    return stay


def shown(response):
    """Return the targets of the links to messages, and the texts of these."""
    html = response.content.decode()
    links = re.findall(r'href="(/r/[^"]+/\d+/)"', html)
    return list(zip(links, re.findall(r'listing-said" dir="auto">([^<]+)<', html), strict=True))


def last(room):
    """Return the number of the last line of a room."""
    return Room.objects.get(pk=room.pk).last_seq


def test_mentions_are_listed_newest_first_with_links_to_their_places(
    browser, lobby, alice, bob, stay
):
    room = creation.create(bob, "Garden")
    say(lobby, stay, "nobody in particular", "hello @alice")
    say(room, stay, "@alice come here")
    assert shown(browser.get("/mentions/")) == [
        (f"/r/garden/{last(room)}/", "@alice come here"),
        (f"/r/lobby/{last(lobby)}/", "hello @alice"),
    ]


def test_a_direct_room_is_named_after_the_other_people(browser, alice, bob, stay):
    room = creation.open_direct(bob, [alice])
    say(room, stay, "psst, @alice")
    assert "<bdi>bob</bdi> in <bdi>bob</bdi>" in browser.get("/mentions/").content.decode()


def test_mentions_in_a_room_that_was_left_are_not_shown(browser, alice, bob, stay):
    room = creation.create(bob, "Secret plans", private=True)
    membership.invite(room.pk, alice, by=bob)
    say(room, stay, "hello @alice")
    assert len(shown(browser.get("/mentions/"))) == 1
    membership.remove(room.pk, alice, by=bob)
    response = browser.get("/mentions/")
    assert shown(response) == []
    assert "Secret" not in response.content.decode()


def test_a_removed_message_is_not_shown(browser, lobby, bob, stay):
    bob.is_staff = True
    say(lobby, stay, "hello @alice")
    removing.remove(lobby.pk, [last(lobby)], by=bob)
    assert shown(browser.get("/mentions/")) == []


def test_many_mentions_have_pages(browser, lobby, stay):
    for number in range(35):
        say(lobby, stay, f"@alice {number}")
    first = browser.get("/mentions/")
    assert len(shown(first)) == 30
    (older,) = re.findall(r'href="(\?before=\d+)"', first.content.decode())
    second = browser.get(f"/mentions/{older}")
    assert [text for _, text in shown(second)] == [
        f"@alice {number}" for number in range(4, -1, -1)
    ]
    assert "before=" not in second.content.decode()
    assert "There are no earlier mentions." in browser.get("/mentions/?before=1").content.decode()


@pytest.mark.parametrize("before", ["nonsense", "-1", "9" * 19, "9" * 40, "\0", "٣²"])
def test_a_page_that_cannot_be_meant_is_no_error(browser, lobby, stay, before):
    say(lobby, stay, "hello @alice")
    assert browser.get("/mentions/", {"before": before}).status_code == 200


def test_a_page_takes_as_many_statements_as_one_of_few(
    browser, lobby, stay, django_assert_max_num_queries
):
    for number in range(30):
        say(lobby, stay, f"@alice {number}")
    with django_assert_max_num_queries(7):
        browser.get("/mentions/")
