"""Messages that wait for a moderator, for tests."""

from chat.models import HeldMessage
from chat.room import holding
from chat.room.moderation_log import Door, Moderator


def waiting_texts():
    """Return the texts of all messages that wait, oldest first."""
    operator = Moderator(None, Door.COMMAND)
    return [held.text for held in holding.waiting(operator)]


def release(text):
    """Release the message with a text as the operator, and return its number."""
    return holding.release(Moderator(None, Door.COMMAND), _id_of(text))


def refuse(text, reason):
    """Refuse the message with a text as the operator."""
    holding.refuse(Moderator(None, Door.COMMAND), _id_of(text), reason)


def _id_of(text):
    return HeldMessage.objects.get(text=text, decision="waiting").pk
