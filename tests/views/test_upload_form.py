"""The sentences of the form for people without JavaScript, when nothing was said."""

from datetime import UTC, datetime

import pytest

from chat.room.refusal import RefusalCode, Refused
from chat.views.upload_form import why_refused

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
