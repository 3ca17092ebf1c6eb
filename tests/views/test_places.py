"""The addresses of messages, and the way to a day."""

import re
from datetime import UTC, datetime

import pytest

from chat.models import Message
from chat.room import creation
from chat.views import room as room_view
from tests.support.admin import signed_in
from tests.support.log import write_log

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(alice):
    return signed_in(alice)


@pytest.fixture
def long_lobby(lobby):
    """The lobby with a hundred lines, of which every fourth is no message."""
    write_log(lobby, 100)
    return lobby


def plain(response):
    """Return what a browser without JavaScript shows of the log."""
    (page,) = re.findall(r"<main class=\"plain-log.*?</main>", response.content.decode(), re.DOTALL)
    return page


def test_a_message_has_an_address_that_shows_it_among_others(browser, long_lobby):
    response = browser.get("/r/lobby/50/")
    texts = [line.text for line in response.context["messages"]]
    assert "line 50" in texts
    assert len(texts) == 50
    assert texts.index("line 50") == 24
    marked = re.findall(r'<li class="plain-place"[^>]*>.*?</li>', plain(response), re.DOTALL)
    assert len(marked) == 1
    assert "line 50" in marked[0]
    assert 'href="/r/lobby/"' in response.content.decode()


def test_the_ways_on_lead_to_earlier_and_later_messages_and_end(browser, long_lobby):
    def ways(seq):
        shown = plain(browser.get(f"/r/lobby/{seq}/"))
        return {
            text: int(number)
            for number, text in re.findall(r'href="/r/lobby/(\d+)/">(\w+) messages<', shown)
        }

    assert ways(50) == {"Earlier": 18, "Later": 83}
    assert ways(3) == {"Later": 37}
    assert ways(99) == {"Earlier": 67}


def test_the_newest_messages_have_a_way_to_earlier_ones(browser, long_lobby):
    shown = plain(browser.get("/r/lobby/"))
    assert 'href="/r/lobby/34/">Earlier messages<' in shown
    assert "Later messages" not in shown


def test_every_message_without_javascript_links_to_its_place(browser, long_lobby):
    shown = plain(browser.get("/r/lobby/"))
    assert re.search(r'<a href="/r/lobby/99/"><time[^>]*>\d\d:\d\d</time></a>', shown)


@pytest.mark.parametrize("seq", ["0", "101", str(2**63), "9" * 60])
def test_a_place_that_never_was_does_not_exist(browser, long_lobby, seq):
    assert browser.get(f"/r/lobby/{seq}/").status_code == 404


def test_a_place_in_a_room_that_may_not_be_read_looks_as_if_it_did_not_exist(browser, lobby, bob):
    room = creation.create(bob, "Surprise", private=True)
    for path in (f"/r/{room.slug}/1/", f"/r/{room.slug}/day/?day=2026-05-05"):
        hidden = browser.get(path)
        missing = browser.get(path.replace(room.slug, "nowhere"))
        assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_the_place_of_a_removed_message_says_so(browser, long_lobby):
    Message.objects.filter(room=long_lobby, seq=50).update(removed=True)
    shown = plain(browser.get("/r/lobby/50/"))
    assert "This message was removed" in shown
    assert "line 50" not in shown


def test_the_place_of_a_deleted_message_says_so_and_shows_the_oldest_ones(browser, long_lobby):
    Message.objects.filter(room=long_lobby, seq__lte=60).delete()
    response = browser.get("/r/lobby/50/")
    assert "This message is not there any more." in plain(response)
    assert response.context["messages"][0].text == "line 61"


def test_long_messages_bound_how_many_a_place_has(browser, long_lobby, monkeypatch):
    monkeypatch.setattr(room_view, "MOST_CHARACTERS", 28)  # each has seven
    response = browser.get("/r/lobby/50/")
    assert [line.seq for line in response.context["messages"]] == [49, 50, 51, 53]


def test_who_is_not_signed_in_returns_to_the_place_after_signing_in(client, long_lobby):
    assert client.get("/r/lobby/50/").url == "/accounts/login/?next=/r/lobby/50/"


# The days


@pytest.fixture
def days(long_lobby):
    """The lobby, whose lines from 41 on are of the 5th of May, and the others of the day before."""
    Message.objects.filter(room=long_lobby).update(at=datetime(2026, 5, 4, 21, tzinfo=UTC))
    Message.objects.filter(room=long_lobby, seq__gt=40).update(
        at=datetime(2026, 5, 5, 9, tzinfo=UTC)
    )
    return long_lobby


@pytest.mark.parametrize(
    ("since", "seq"),
    [
        ("2026-05-05T00:00:00Z", 41),
        ("2026-05-04T22:00:00+02:00", 1),
        ("2026-05-04T23:30:00+02:00", 41),
        ("2026-05-06T00:00:00.000Z", None),
    ],
)
def test_scripts_are_told_the_first_message_since_a_moment(browser, days, since, seq):
    response = browser.get("/r/lobby/day/", {"since": since})
    assert response.json() == {"seq": seq}


@pytest.mark.parametrize(
    ("day", "address"),
    [("2026-05-05", "/r/lobby/41/"), ("2020-01-01", "/r/lobby/1/"), ("2026-06-01", "/r/lobby/")],
)
def test_a_form_leads_to_the_first_message_of_a_day(browser, days, day, address):
    assert browser.get("/r/lobby/day/", {"day": day}).url == address


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"since": "2026-05-05T00:00:00"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"since": "2026-13-45T00:00:00Z"},
        {"since": "\0"},
        {"day": "2026-02-30"},
        {"day": "yesterday"},
    ],
)
def test_what_is_no_day_is_a_mistake_of_the_client(browser, lobby, query):
    assert browser.get("/r/lobby/day/", query).status_code == 400


def test_the_form_for_a_day_is_there_without_javascript(browser, long_lobby):
    assert '<form class="plain-note" action="/r/lobby/day/">' in plain(browser.get("/r/lobby/"))
