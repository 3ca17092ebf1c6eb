"""The rules of editing, removing and restoring messages.

Each function changes a message of a locked room, and returns whether anything has changed. It
raises `Refused` if the person may not do that.
"""

from datetime import timedelta

from django.conf import settings

from chat.models import Message
from chat.room.amendment import Amendment, Situation
from chat.room.doers import Doer
from chat.room.refusal import RefusalCode, Refused

RESTORE_MINUTES = 10  # after a removal, until it cannot be undone any more
MAX_VERSIONS = 100  # earlier versions of one message; then it stays as it is


def edit(message: Message, doer: Doer, amendment: Amendment, situation: Situation) -> bool:
    """Give a message another text. Only its author may do that, for `EDIT_MINUTES`."""
    if not doer.has_written(message):
        raise Refused(RefusalCode.NOT_ALLOWED)
    if message.removed:
        raise Refused(RefusalCode.NO_SUCH_MESSAGE)
    if message.text == amendment.text:
        return False
    minutes = settings.EDIT_MINUTES
    if minutes and situation.now - message.at > timedelta(minutes=minutes):
        raise Refused(RefusalCode.TOO_LATE)
    if situation.versions >= MAX_VERSIONS:
        raise Refused(RefusalCode.TOO_MANY_EDITS)
    message.text = amendment.text
    message.spans = situation.written and situation.written.spans
    message.edited = situation.now
    return True


def remove(message: Message, doer: Doer, amendment: Amendment, situation: Situation) -> bool:
    """Remove a message: one's own, or that of anybody as a moderator."""
    if not (situation.moderates or doer.has_written(message)):
        raise Refused(RefusalCode.NOT_ALLOWED)
    if message.removed:
        return False
    message.removed = True
    return True


def restore(message: Message, doer: Doer, amendment: Amendment, situation: Situation) -> bool:
    """Undo the removal of a message. Only who has removed it may do that, for some minutes."""
    if not message.removed:
        return False
    removal = situation.removal
    if removal is None or not doer.has_written(removal):
        raise Refused(RefusalCode.NOT_ALLOWED)
    if situation.now - removal.at > timedelta(minutes=RESTORE_MINUTES):
        raise Refused(RefusalCode.TOO_LATE)
    message.removed = False
    return True
