"""Short forms for tests of presence on the database, without servers."""

from chat.models import User
from chat.room import log, presence, transcript
from chat.room.presence import Entrant
from chat.room.transcript import Saying


def enter(room, *people, process, door="web", session_key=""):
    """Let accounts (`User`) and guests (names) enter together; return what `presence.enter` does.

    `door` and `session_key` are those of the accounts; guests come through the legacy port.
    """
    entrants = [
        Entrant(person.username, person.pk, process, door, session_key)
        if isinstance(person, User)
        else Entrant(person, None, process, "legacy")
        for person in people
    ]
    return presence.enter(entrants)


def events(room):
    """Return (kind, name) of each line of the room's log."""
    return [(line.kind, line.name) for line in log.after(room.pk, 0, 1000)]


def say(room, stay, *texts):
    """Let the person of a stay say something in a room; return the result of the last text."""
    sayings = [Saying(room.pk, stay.connection_id, text) for text in texts or ["hello"]]
    return transcript.say(sayings)[-1]
