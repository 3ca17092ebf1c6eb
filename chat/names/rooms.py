"""The names and topics of rooms, in the form in which they are kept."""

from chat.names.characters import has_hidden, has_too_many_marks
from chat.names.guests import begins_like_a_line
from chat.wire.commands import clean


def one_line(text: str) -> str:
    """Return a name or topic without unsafe characters, as one line with single blanks.

    It is empty when nothing in it is visible.
    """
    return " ".join(clean(text).split())


def is_allowed(name: str) -> bool:
    """Return whether a room may have a name, which is one line.

    Nothing in it is hidden, its accents cover no other lines, and it does not begin with a mark
    that means something else: `@ann` would look like a direct room, and `#garden` like an address.
    """
    return not (has_hidden(name) or has_too_many_marks(name) or begins_like_a_line(name))
