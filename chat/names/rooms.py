"""The names and topics of rooms, in the form in which they are kept."""

from chat.names.characters import has_hidden, has_too_many_marks
from chat.names.guests import begins_like_a_line
from chat.wire.commands import one_line

__all__ = ["is_allowed", "one_line"]


def is_allowed(name: str) -> bool:
    """Return whether a room may have a name, which is one line.

    Nothing in it is hidden, its accents cover no other lines, and it does not begin with a mark
    that means something else: `@ann` would look like a direct room, and `#garden` like an address.
    """
    return not (has_hidden(name) or has_too_many_marks(name) or begins_like_a_line(name))
