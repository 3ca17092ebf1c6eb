"""The page of a room as the view renders it, and who gets it."""

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from chat.models import Line, Message
from chat.models.room import random_slug
from chat.room import creation, log, membership, reading
from chat.room.access import Reader
from chat.room.reading import ReadPosition
from chat.views import room as room_view
from tests.support.amending import edit, react, remove, reply
from tests.support.log import write_log
from tests.support.presence import enter, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(alice, lobby):
    browser = Client()
    browser.force_login(alice)
    return browser


def html(browser, host="chat.example.org"):
    with override_settings(ALLOWED_HOSTS=["*"]):
        return browser.get("/r/lobby/", headers={"host": host}).content.decode()


def write(lobby, *texts):
    said = Message.Kind.SAID.value
    lines = [Line(kind=said, name="bob", text=text, at=timezone.now()) for text in texts]
    with transaction.atomic():
        log.append(log.lock(lobby.pk), lines)
    lobby.refresh_from_db()


def test_the_address_of_the_site_leads_to_the_lobby_first(browser, lobby):
    assert browser.get("/").url == "/r/lobby/"


def test_the_address_of_the_site_leads_to_the_room_that_was_read_last(browser, lobby, alice):
    first, second = (creation.create(alice, name) for name in ("Garden", "Attic"))
    write(first, "hello")
    write(second, "hello")
    for room in (first, second, first):
        room.refresh_from_db()
        reading.mark_unread(alice.pk, room.pk, 1)
        reading.advance([ReadPosition(alice.pk, room.pk, room.last_seq)])
    assert browser.get("/").url == "/r/garden/"


@pytest.mark.parametrize(("creators", "offers"), [("members", True), ("staff", False)])
def test_the_creation_of_rooms_is_offered_to_those_who_may(browser, settings, creators, offers):
    settings.ROOM_CREATION = creators
    assert ("/rooms/new/" in html(browser)) is offers


def test_the_page_names_its_room_for_the_scripts(browser, lobby):
    page = html(browser)
    for attribute in (f'data-room-id="{lobby.pk}"', 'data-room-slug="lobby"'):
        assert attribute in page
    assert 'data-room-kind="open"' in page


def test_an_open_room_can_be_read_by_every_account(browser, lobby, bob):
    room = creation.create(bob, "Garden")
    assert browser.get(f"/r/{room.slug}/").context["title"] == "Garden"


def test_a_room_that_may_not_be_read_looks_as_if_it_did_not_exist(browser, lobby, bob):
    room = creation.create(bob, "Surprise for alice", private=True)
    hidden = browser.get(f"/r/{room.slug}/")
    missing = browser.get(f"/r/{random_slug()}/")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert b"Surprise" not in hidden.content


def test_members_read_their_private_room(browser, lobby, alice, bob):
    room = creation.create(bob, "Garden", private=True)
    membership.invite(room.pk, alice, by=bob)
    assert browser.get(f"/r/{room.slug}/").context["title"] == "Garden"


def test_a_direct_room_is_named_after_the_other_people(browser, lobby, alice, bob):
    room = creation.open_direct(bob, [alice])
    assert browser.get(f"/r/{room.slug}/").context["title"] == "bob"


def test_the_statement_that_reads_the_messages_checks_the_access(lobby, alice, bob):
    room = creation.create(bob, "Garden", private=True)
    write(room, "a secret")
    assert not room_view.newest_messages(room, Reader(alice.pk))
    assert room_view.newest_messages(room, Reader(bob.pk))


def test_the_page_has_the_newest_fifty_messages_and_no_comings_and_goings(browser, lobby):
    write_log(lobby, 100)  # every fourth line is one of somebody who enters
    shown = browser.get("/r/lobby/").context["messages"]
    assert [line.kind for line in shown] == ["said"] * 50
    assert shown[-1].text == "line 99"
    assert "line 99" in html(browser)


def test_long_messages_bound_how_many_the_page_has(browser, lobby, monkeypatch):
    monkeypatch.setattr(room_view, "MOST_CHARACTERS", 10)
    write(lobby, "one", "12345", "12345")
    assert [line.text for line in browser.get("/r/lobby/").context["messages"]] == ["12345"] * 2


def test_a_message_is_text_on_the_page_whatever_it_contains(browser, lobby):
    write(lobby, "</noscript><script>alert(1)</script>{{ 7 }}")
    page = html(browser)
    assert "<script>" not in page
    assert page.count("</noscript>") == page.count("<noscript>")
    assert "&lt;/noscript&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 }}" in page


def test_messages_are_formatted_in_browsers_without_javascript(browser, lobby, alice, process):
    (stay,) = enter(None, alice, process=process)
    say(lobby, stay, "**loud** <b> and @alice")
    assert '<strong>loud</strong> &lt;b&gt; and <mark class="name">@alice</mark>' in html(browser)


def test_browsers_without_javascript_show_messages_as_they_are_now(
    browser, lobby, alice, bob, process
):
    stays = enter(None, alice, bob, process=process)
    said = say(lobby, stays[0], "first words").seq
    answer = reply(lobby, stays[1], said, "an answer").seq
    edit(lobby, stays[0], said, "<b>new words")
    react(lobby, stays[1], said, "👍")
    page = html(browser)
    assert "first words" not in page
    assert f'<a href="/r/lobby/{said}/versions/">edited</a>' in page
    assert "<bdi>alice</bdi>: &lt;b&gt;new words</blockquote>" in page
    assert "<span>👍 1</span>" in page
    edit(lobby, stays[1], answer, "another answer")
    assert f"/{answer}/versions/" not in html(browser)  # of bob
    remove(lobby, stays[0], said)
    page = html(browser)
    assert "<bdi>alice</bdi>: <i>removed</i></blockquote>" in page
    assert "new words" not in page


@pytest.mark.parametrize(
    ("legacy_host", "host", "found"),
    [
        ("0.0.0.0", "chat.example.org:8000", "telnet chat.example.org 7777"),
        ("::", "[2001:db8::1]:8000", "telnet 2001:db8::1 7777"),
        ("127.0.0.1", "localhost:8000", "telnet localhost 7777"),
        ("127.0.0.1", "chat.example.org", None),
        ("", "chat.example.org", None),
    ],
)
def test_the_page_says_where_the_legacy_port_can_be_reached(browser, legacy_host, host, found):
    with override_settings(LEGACY_HOST=legacy_host, LEGACY_PORT=7777):
        page = html(browser, host)
    assert (found in page) if found else ("7777" not in page)


def test_the_page_does_not_name_a_legacy_port_that_is_off(browser):
    with override_settings(LEGACY_HOST="0.0.0.0", LEGACY_PORT=0):
        assert "<kbd>telnet" not in html(browser)
