"""Answers on the legacy port when the database has not answered in time."""

import pytest

from chat.live.member import Member
from chat.models.unavailable import OutcomeUnknown
from tests.support.text_clients import enter, play

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("line", ["say hi", "to rose-garden hi", "msg bob hi"])
def test_nobody_is_told_that_a_message_was_not_sent_which_may_be_saved(
    garden, bob, keys, monkeypatch, line
):
    async def fail(*arguments):
        raise OutcomeUnknown

    async def journey():
        (alice,) = await enter(keys, "alice")
        monkeypatch.setattr(Member, "say", fail)
        answer = await alice.answer(line)
        assert "Perhaps not sent, please look before you try again \n" in answer

    play(journey)
