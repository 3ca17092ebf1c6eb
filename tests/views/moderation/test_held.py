"""The page with the messages of newcomers that wait for approval."""

from uuid import uuid4

import pytest

from chat.models import HeldMessage, Message, ModerationEntry
from chat.room import transcript
from chat.room.transcript import Saying
from tests.support.admin import shown_messages, signed_in
from tests.support.pages import headings, problems, text_of
from tests.support.presence import enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hold_first")]

PATH = "/moderation/held/"


@pytest.fixture
def held(garden, bob, process):
    """A message of bob that waits."""
    (stay,) = enter(None, bob, process=process)
    transcript.say([Saying(garden.pk, stay.connection_id, "I am <b>new</b>", uuid4())])
    return HeldMessage.objects.get()


def send(browser, held, action, **fields):
    return browser.post(PATH, {"action": action, "entry": held.pk, **fields}, follow=True)


def test_nothing_waits(garden, owner):
    assert "No message waits for approval." in text_of(owner.get(PATH))


def test_what_waits_is_shown_to_those_who_moderate_there(held, owner, staff, carol):
    for browser in (owner, staff):
        page = browser.get(PATH)
        assert headings(page) == ["bob"]
        assert "I am &lt;b&gt;new&lt;/b&gt;" in text_of(page)
    assert signed_in(carol).get(PATH).status_code == 404


def test_a_message_is_released(held, owner, garden, bob):
    assert shown_messages(send(owner, held, "release")) == ["The message is released."]
    message = Message.objects.get(room=garden, kind="said")
    assert (message.text, message.author) == ("I am <b>new</b>", bob)
    assert ModerationEntry.objects.get(action="release").by == "alice"
    assert problems(send(owner, held, "refuse", reason=""))


def test_a_message_is_refused_with_a_reason(held, owner, garden):
    page = send(owner, held, "refuse", reason="no advertising")
    assert shown_messages(page) == ["The message is refused, and the author is told."]
    held.refresh_from_db()
    assert (held.decision, held.reason) == ("refused", "no advertising")
    assert not Message.objects.filter(room=garden, kind="said").exists()


def test_a_reason_that_is_too_long_is_explained_beside_the_message(held, owner):
    page = send(owner, held, "refuse", reason="x" * 301)
    assert len(problems(page)) == 1
    assert "<details open" in text_of(page)
    held.refresh_from_db()
    assert held.decision == "waiting"
