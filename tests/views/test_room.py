"""The contents of the room page as the view renders it."""

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from chat.models import Message
from chat.views import room as room_view
from tests.support.log import write_log

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(alice):
    browser = Client()
    browser.force_login(alice)
    return browser


def html(browser, host="chat.example.org"):
    with override_settings(ALLOWED_HOSTS=["*"]):
        return browser.get("/", headers={"host": host}).content.decode()


def write(lobby, *texts):
    Message.objects.bulk_create(
        Message(room=lobby, seq=seq, kind="said", name="bob", text=text, at=timezone.now())
        for seq, text in enumerate(texts, 1)
    )
    lobby.last_seq = len(texts)
    type(lobby).objects.update(last_seq=len(texts))


def test_the_page_has_the_newest_fifty_messages_and_no_comings_and_goings(browser, lobby):
    write_log(lobby, 100)  # every fourth line is one of somebody who enters
    shown = browser.get("/").context["newest_messages"]
    assert [line.kind for line in shown] == ["said"] * 50
    assert shown[-1].text == "line 99"
    assert "line 99" in html(browser)


def test_long_messages_bound_how_many_the_page_has(browser, lobby, monkeypatch):
    monkeypatch.setattr(room_view, "MOST_CHARACTERS", 10)
    write(lobby, "one", "12345", "12345")
    assert [line.text for line in browser.get("/").context["newest_messages"]] == ["12345"] * 2


def test_a_message_is_text_on_the_page_whatever_it_contains(browser, lobby):
    write(lobby, "</noscript><script>alert(1)</script>{{ 7 }}")
    page = html(browser)
    assert "<script>" not in page
    assert page.count("</noscript>") == page.count("<noscript>")
    assert "&lt;/noscript&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 }}" in page


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
