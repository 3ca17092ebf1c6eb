"""The sentences of the legacy port for what moderation does not allow: why, and until when."""

from math import ceil

from chat.wire.commands import one_line
from chat.wire.rule_lines import seconds

LOCKED = b"Only moderators may speak there now \n"
ASK_FIRST = b"Moderators of that room have been asked to let you in \n"
BAD_TARGET = b"That is neither a name nor an address or a network \n"
BAD_DURATION = b"A duration is a number with s, m, h, d or w, such as 10m \n"
TOO_LONG_TIME = b"That time is too long \n"
REASON_TOO_LONG = b"Reason too long (300 characters at most) \n"
NO_SUCH_ENTRY = b"Nothing with that number waits for you \n"
NOTHING_TO_UNDO = b"There is nothing to undo \n"
FILES_GONE = b"The files of that message are gone \n"
DECIDED = b"That has been decided already \n"


def muted(until: str | None, reason: str) -> bytes:
    """Return the answer to somebody who may not speak until a time in words, or for good."""
    return f"{_sentence('You are muted', until, reason)} \n".encode()


def banned(until: str | None, reason: str) -> bytes:
    """Return the answer to somebody who may not come into a room."""
    return f"{_sentence('You are banned from that room', until, reason)} \n".encode()


def expelled(room: str, until: str | None, reason: str) -> bytes:
    """Return the notice that somebody may not come into a room any more."""
    return notice(_sentence(f"You are banned from {room}", until, reason))


def notice(sentence: str) -> bytes:
    """Return a sentence to one person as a notice."""
    return f"* {one_line(sentence)}\n".encode()


def too_soon(wait: float | None, reason: str = "") -> bytes:
    """Return the answer to something that may be done again after some seconds."""
    again = "later" if wait is None else f"in {_time(ceil(wait))}"
    why = one_line(reason)
    return f"Too soon, please try again {again}{f': {why}' if why else ''} \n".encode()


def waits(wait: float) -> bytes:
    """Return the answer to a message that is said later because of slow mode."""
    return f"Slow mode: your message will be said in {_time(ceil(wait))} \n".encode()


def _time(number):
    """Return a number of seconds in words, rounded up to minutes or hours when it is large."""
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if number > 2 * size:
            return f"{ceil(number / size)} {unit}"
    return seconds(number)


def _sentence(what, until, reason):
    end = "" if until is None else f" until {until}"
    why = one_line(reason)
    return f"{what}{end}: {why}" if why else f"{what}{end}"
