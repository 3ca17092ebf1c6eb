"""The sentences of the form for people without JavaScript, when nothing was said."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from chat.models.unavailable import OutcomeUnknown
from chat.room.refusal import RefusalCode, Refused
from chat.views import speaking
from chat.views.upload_form import PERHAPS_SENT, why_refused

UNTIL = datetime(2999, 11, 30, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (
            Refused(RefusalCode.MUTED, until=UNTIL, reason="too loud"),
            "You are muted until 14:05 UTC on 30 November 2999: too loud",
        ),
        (Refused(RefusalCode.MUTED), "You are muted."),
        (Refused(RefusalCode.LOCKED), "Only moderators may write here now."),
        (
            Refused(RefusalCode.TOO_SOON, wait=29.2),
            "This room is in slow mode. Try again in 30 seconds.",
        ),
        (Refused(RefusalCode.ARCHIVED), "This room is archived."),
        (Refused(RefusalCode.NOT_ALLOWED), "You may not write here."),
    ],
)
def test_a_refused_message_has_a_sentence_that_says_why(refusal, sentence):
    assert why_refused(refusal) == sentence


def test_a_message_that_may_be_saved_is_not_said_to_be_not_sent(client, lobby, alice, monkeypatch):
    def fail(*arguments):
        raise OutcomeUnknown

    monkeypatch.setattr(speaking, "say", fail)
    client.force_login(alice)
    answer = client.post(reverse("upload", args=[lobby.slug]), {"text": "hello"})
    assert answer.status_code == 400
    assert PERHAPS_SENT in answer.content.decode()
