"""The pages on which members report messages and people, which need no scripts."""

import pytest

from chat.accounts.budgets import Limit
from chat.models import Report
from chat.room import creation
from chat.views import reporting
from tests.support.admin import shown_messages, signed_in
from tests.support.pages import problems, text_of
from tests.support.presence import enter, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def said(lobby, bob, process):
    """The number of a message of bob in the lobby."""
    (stay,) = enter(lobby, bob, process=process)
    return say(lobby, stay, "buy <b>this</b>").seq


@pytest.fixture
def browser(alice):
    return signed_in(alice)


def test_a_message_is_reported_by_a_link_beside_it(browser, lobby, said, alice):
    path = f"/r/lobby/{said}/report/"
    assert f'href="{path}"' in text_of(browser.get("/r/lobby/"))
    assert "buy &lt;b&gt;this&lt;/b&gt;" in text_of(browser.get(path))
    page = browser.post(path, {"why": "spam\nagain"}, follow=True)
    assert shown_messages(page) == ["Thank you. The moderators will look at it."]
    found = Report.objects.get()
    assert (found.reporter, found.seq, found.name, found.why) == (alice, said, "bob", "spam again")


def test_there_is_no_link_beside_own_messages(lobby, said, bob):
    assert "/report/" not in text_of(signed_in(bob).get("/r/lobby/"))


def test_a_person_is_reported_by_name(browser, lobby, bob):
    page = text_of(browser.get("/r/lobby/report/?name=bob"))
    assert 'value="bob"' in page
    browser.post("/r/lobby/report/", {"name": "B0B", "why": "rude"})
    assert Report.objects.get().user == bob


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "alice", "why": "x"}, "You cannot report yourself."),
        ({"name": "nobody", "why": "x"}, "There is nobody here with this name."),
        ({"name": "a\0b", "why": "x"}, ""),
        ({"name": "address:203.0.113.7", "why": "x"}, "There is nobody here with this name."),
        ({"name": "network:x", "why": "x"}, "There is nobody here with this name."),
        ({"name": "bob", "why": ""}, ""),
        ({"name": "bob", "why": "x" * 301}, ""),
        ({"name": "bob", "why": "\0"}, ""),
    ],
)
def test_what_cannot_be_reported_is_explained(browser, lobby, bob, fields, says):
    page = browser.post("/r/lobby/report/", fields)
    assert page.status_code == 200
    assert any(says in problem for problem in problems(page))
    assert not Report.objects.exists()


def test_what_cannot_be_read_has_no_page(browser, lobby, said, bob, client):
    creation.create(bob, "Cellar", private=True)
    room = bob.membership_set.exclude(room=lobby).get().room
    for path in (
        f"/r/{room.slug}/report/",
        f"/r/{room.slug}/1/report/",
        "/r/lobby/1/report/",  # no message
        "/r/lobby/999/report/",
        f"/r/lobby/{10**30}/report/",
    ):
        assert browser.get(path).status_code == 404, path
        assert browser.post(path, {"why": "x", "name": "bob"}).status_code == 404, path
    assert client.get("/r/lobby/report/").url.startswith("/accounts/login/")


def test_too_many_reports_have_to_wait(browser, lobby, bob, monkeypatch, one_window):
    monkeypatch.setattr(reporting, "REPORTS", Limit("reports from address", 1, 3600))
    fields = {"name": "bob", "why": "typed before"}
    assert browser.post("/r/lobby/report/", fields).status_code == 302
    page = browser.post("/r/lobby/report/", fields)
    assert page.status_code == 429
    assert "Too many tries" in text_of(page)
    assert "typed before" in text_of(page)
