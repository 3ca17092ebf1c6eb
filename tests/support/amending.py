"""Short forms for tests of changes of messages on the database, without servers."""

from datetime import timedelta

from django.utils import timezone

from chat.models import Message
from chat.room import amending, log, reactions
from chat.room.amendment import Amendment
from chat.room.refusal import Refused
from chat.room.transcript import Saying, say

Kind = Message.Kind


def amend(room, stay, kind, seq, text=""):
    """Let the person of a stay change a message. Return the number of the line, or the refusal.

    Without a change the number is None.
    """
    (result,) = amending.amend([Amendment(room.pk, stay.connection_id, seq, Kind(kind), text)])
    return result.code if isinstance(result, Refused) else result.seq


def edit(room, stay, seq, text):
    return amend(room, stay, "edited", seq, text)


def remove(room, stay, seq):
    return amend(room, stay, "removed", seq)


def restore(room, stay, seq):
    return amend(room, stay, "restored", seq)


def react(room, stay, seq, emoji, *, on=True):
    return amend(room, stay, "reacted", seq, reactions.line_text(emoji, on=on))


def reply(room, stay, seq, text="yes"):
    """Let the person of a stay reply to a message, and return the result."""
    (result,) = say([Saying(room.pk, stay.connection_id, text, reply=seq)])
    return result


def line(room, seq):
    """Return a line of the log, as it is now."""
    (found,) = log.after(room.pk, seq - 1, 1)
    return found


def age(room, minutes):
    """Let all lines of a room be older."""
    Message.objects.filter(room=room).update(at=timezone.now() - timedelta(minutes=minutes))
