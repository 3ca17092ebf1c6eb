"""The answers of the legacy port to what is refused."""

from chat.room.refusal import RefusalCode, Refused
from chat.room.sanctions import written_time
from chat.wire import ignore_lines, numbered, refusal_lines, room_lines

ANSWERS = {
    RefusalCode.NO_SUCH_ROOM: room_lines.NO_ROOM,
    RefusalCode.NO_SUCH_PERSON: room_lines.NO_PERSON,
    RefusalCode.NO_SUCH_MESSAGE: numbered.NO_MESSAGE,
    RefusalCode.TOO_LATE: numbered.TOO_LATE,
    RefusalCode.TOO_MANY_EDITS: numbered.TOO_MANY_EDITS,
    RefusalCode.TOO_MANY_REACTIONS: numbered.TOO_MANY_REACTIONS,
    RefusalCode.NOT_ALLOWED: room_lines.NOT_ALLOWED,
    RefusalCode.NOT_JOINED: room_lines.NOT_JOINED,
    RefusalCode.TOO_MANY_HELD: room_lines.TOO_MANY_HELD,
    RefusalCode.ARCHIVED: room_lines.ARCHIVED,
    RefusalCode.LAST_OWNER: room_lines.LAST_OWNER,
    RefusalCode.TOO_LONG: room_lines.TOPIC_TOO_LONG,
    RefusalCode.TOO_MANY_ROOMS: room_lines.TOO_MANY_ROOMS,
    RefusalCode.TOO_MANY_IGNORED: ignore_lines.TOO_MANY_IGNORED,
    RefusalCode.TOO_MANY_CREATED: room_lines.TOO_MANY_CREATED,
    RefusalCode.LOCKED: refusal_lines.LOCKED,
    RefusalCode.ASK_FIRST: refusal_lines.ASK_FIRST,
    RefusalCode.BAD_TARGET: refusal_lines.BAD_TARGET,
    RefusalCode.BAD_DURATION: refusal_lines.BAD_DURATION,
    RefusalCode.NO_SUCH_ENTRY: refusal_lines.NO_SUCH_ENTRY,
    RefusalCode.DECIDED: refusal_lines.DECIDED,
    RefusalCode.NO_SUCH_FILE: refusal_lines.FILES_GONE,
}
# In the answers to words of moderation, these codes are about other things.
UNDOING = ("unmute", "unban", "unpurge")
WITH_NUMBERS = ("purge", "slow")  # of minutes or seconds
ANSWERS_TO_WORDS = {
    (word, RefusalCode.NO_SUCH_ENTRY): refusal_lines.NOTHING_TO_UNDO for word in UNDOING
} | {(word, RefusalCode.BAD_DURATION): refusal_lines.TOO_LONG_TIME for word in WITH_NUMBERS}


def answer_to(refused: Refused) -> bytes:
    """Return the answer to a command that was refused; empty if there is none."""
    match refused.code:
        case RefusalCode.NOT_IN_ROOM:
            # If the member's row is gone, the next check of this process's connections closes this
            # one.
            return b""
        case RefusalCode.MUTED:
            return refusal_lines.muted(_end(refused), refused.reason)
        case RefusalCode.BANNED:
            return refusal_lines.banned(_end(refused), refused.reason)
        case RefusalCode.TOO_SOON:
            return refusal_lines.too_soon(refused.wait, refused.reason)
    return ANSWERS[refused.code]


def _end(refused):
    return None if refused.until is None else written_time(refused.until)


def answer_to_word(word: str, refused: Refused) -> bytes:
    """Return the answer to a word of moderation that was refused."""
    if refused.code is RefusalCode.TOO_LONG:
        return refusal_lines.REASON_TOO_LONG
    return ANSWERS_TO_WORDS.get((word, refused.code)) or answer_to(refused)
