"""The codes of refusals in the frames of the WebSocket."""

import json

import pytest

from chat.consumers.chat_commands import ERROR_CODES
from chat.room.refusal import RefusalCode
from chat.wire import frames

pytestmark = pytest.mark.same_on_every_database

# Those that end the connection, or that no command of a web member meets.
OTHERS = {
    *(RefusalCode.NOT_IN_ROOM, RefusalCode.REPLACED, RefusalCode.NAME_EMPTY),
    *(RefusalCode.NOT_JOINED, RefusalCode.OWN_RIGHTS, RefusalCode.LAST_ADMINISTRATOR),
    *(RefusalCode.FILE_TOO_LARGE, RefusalCode.EMPTY_FILE),
    *(RefusalCode.TOO_MANY_FILES, RefusalCode.STORAGE_FULL),
}


def test_each_refusal_of_a_command_has_a_code_and_a_sentence():
    assert ERROR_CODES.keys() == set(RefusalCode) - OTHERS
    for code in ERROR_CODES.values():
        assert json.loads(frames.error(code)["text"])["text"]
