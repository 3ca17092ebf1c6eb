"""The list of ignored people on the account page, and pages without what these have said."""

import pytest

from chat.models import Message
from chat.room import ignoring, transcript
from chat.room.ignoring import Ignorer
from chat.room.transcript import Saying
from tests.support.admin import shown_messages, signed_in
from tests.support.log import say
from tests.support.presence import enter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(alice):
    return signed_in(alice)


def change(browser, path, name):
    return browser.post(f"/accounts/ignored/{path}", {"name": name}, follow=True)


def test_people_are_put_on_the_list_and_taken_off(browser, alice, bob):
    page = change(browser, "", "B0B")
    assert shown_messages(page) == ["You see nothing more of bob."]
    assert "Stop ignoring" in page.content.decode()
    page = change(browser, "remove/", "bob")
    assert shown_messages(page) == ["You see again what bob says."]
    assert ignoring.of_accounts([alice.pk]) == {}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nobody", "There is nobody here with this name."),
        ("", "There is nobody here with this name."),
        ("a\0b", "There is nobody here with this name."),
        ("x" * 9000, "There is nobody here with this name."),
        ("alice", "You cannot ignore yourself."),
    ],
)
def test_what_cannot_be_done_is_explained(browser, name, says):
    assert shown_messages(change(browser, "", name)) == [says]


def test_the_list_is_of_those_who_are_signed_in(client, lobby, bob):
    assert client.post("/accounts/ignored/", {"name": "bob"}).url.startswith("/accounts/login/")


def test_the_room_without_javascript_leaves_out_what_they_say(browser, lobby, alice, bob, process):
    stays = enter(lobby, alice, bob, process=process)
    say(lobby, stays[1], "hidden words")
    say(lobby, stays[0], "my own words")
    hidden = Message.objects.get(text="hidden words")
    transcript.say([Saying(lobby.pk, stays[0].connection_id, "my answer", reply=hidden.seq)])
    ignoring.ignore(Ignorer(alice.pk, "alice"), "bob")
    page = browser.get("/r/lobby/").content.decode()
    assert "my own words" in page
    assert "my answer" in page
    assert "hidden words" not in page
