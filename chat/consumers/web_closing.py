"""The ways in which WebSockets are closed, and when their clients should return."""

import random

from chat.live.member import CloseReason
from chat.room.refusal import RefusalCode
from chat.wire import frames

CLOSES = {
    CloseReason.LOGOUT: frames.LOGOUT,
    CloseReason.SIGN_IN: frames.SIGN_IN,
    CloseReason.REMOVED: frames.REMOVED,
    CloseReason.REPLACED: frames.REPLACED,
    CloseReason.SLOW: frames.SLOW,
    CloseReason.RESTART: frames.RESTART,
    CloseReason.TOO_MANY: frames.TOO_MANY,
    CloseReason.ERROR: frames.RESTART,
}
REFUSED_ENTRIES = {
    # The account was deleted or deactivated after we had looked it up.
    RefusalCode.NOT_IN_ROOM: CloseReason.SIGN_IN,
    RefusalCode.REPLACED: CloseReason.REPLACED,
    RefusalCode.BANNED: CloseReason.REMOVED,
}
SLOW_RETRY = 1, 5  # seconds: a welcome of hundreds of lines at once would not help a slow client
TOO_MANY_RETRY = 30  # seconds
ERROR_RETRY = 5  # seconds


def retry_in(reason: CloseReason, return_within: float) -> float | None:
    """Return the seconds after which the client should return, or None if it should not.

    Spread the returns at random, so that they do not arrive together.
    """
    match reason:
        case CloseReason.RESTART:
            return round(random.uniform(0, return_within), 1)
        case CloseReason.SLOW:
            return round(random.uniform(*SLOW_RETRY), 1)
        case CloseReason.TOO_MANY:
            return TOO_MANY_RETRY
        case CloseReason.ERROR:
            return ERROR_RETRY
    return None
