"""Changes that people make to messages that were said."""

from datetime import datetime
from typing import NamedTuple

from chat.markup.parsing import Markup, parse
from chat.models import Line, Message
from chat.room.formatting import Written


class Amendment(NamedTuple):
    """A change of a message by the person behind a connection, as the kind and text of a line.

    The text is the new text of the message, whose markup is `markup` if it has been parsed, or a
    reaction.
    """

    room_id: int
    connection_id: int
    seq: int
    kind: Message.Kind
    text: str = ""
    markup: Markup | None = None

    def parsed(self) -> "Amendment":
        """Return the amendment with the markup of the new text."""
        if self.kind != Message.Kind.EDITED or self.markup is not None:
            return self
        return self._replace(markup=parse(self.text))


class Amended(NamedTuple):
    """An amendment that was saved: the number of its line, or None if it changed nothing.

    `shown` says that the person who asked for it was sent the line.
    """

    seq: int | None
    shown: bool = False


class Situation(NamedTuple):
    """The facts that the rules need about an amendment besides the message and the person.

    `written` is the new text of an edit, `moderates` the right to remove what others have said,
    `removal` the line that removed the message last, and `versions` the number of earlier versions.
    """

    now: datetime
    written: Written | None = None
    moderates: bool = False
    removal: Line | None = None
    versions: int = 0
