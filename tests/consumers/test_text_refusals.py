"""The answers of the legacy port to what is refused."""

from datetime import UTC, datetime

import pytest

from chat.consumers.text_refusals import UNDOING, answer_to, answer_to_word
from chat.room.refusal import RefusalCode, Refused
from chat.wire.words import WORDS

pytestmark = pytest.mark.same_on_every_database

# Codes of what no word of a text client does after the login.
ELSEWHERE = {
    RefusalCode.NAME_TAKEN,
    RefusalCode.NAME_EMPTY,
    RefusalCode.REPLACED,
    RefusalCode.BAD_NAME,
    RefusalCode.FILE_TOO_LARGE,
    RefusalCode.EMPTY_FILE,
    RefusalCode.TOO_MANY_FILES,
    RefusalCode.STORAGE_FULL,
    RefusalCode.OWN_RIGHTS,
    RefusalCode.LAST_ADMINISTRATOR,
}


@pytest.mark.parametrize("code", sorted(set(RefusalCode) - ELSEWHERE))
def test_every_refusal_is_answered_with_one_line(code):
    until = datetime(2030, 1, 2, 12, 30, tzinfo=UTC)
    refused = Refused(code, until=until, reason="one\ntwo", wait=3)
    for answer in (answer_to(refused), *(answer_to_word(word, refused) for word in WORDS)):
        assert code is RefusalCode.NOT_IN_ROOM or answer.endswith(b" \n")
        assert answer.count(b"\n") <= 1


def test_undoing_what_was_not_done_is_answered_differently_from_a_wrong_number():
    refused = Refused(RefusalCode.NO_SUCH_ENTRY)
    answers = {word: answer_to_word(word, refused) for word in (*UNDOING, "release")}
    assert answers.pop("release") == b"Nothing with that number waits for you \n"
    assert set(answers.values()) == {b"There is nothing to undo \n"}
