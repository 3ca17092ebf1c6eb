"""The commands of both doors that change messages, as the lines that they make."""

from chat.models import Message
from chat.room import reactions
from chat.wire.message_commands import Edit, MessageCommand, React, Remove, Restore

Kind = Message.Kind


def as_line(command: MessageCommand) -> tuple[Kind, str]:
    """Return the kind and the text of the line that a command makes."""
    match command:
        case Edit():
            return Kind.EDITED, command.text
        case React():
            return Kind.REACTED, reactions.line_text(command.emoji, on=command.on)
        case Remove():
            return Kind.REMOVED, ""
        case Restore():
            return Kind.RESTORED, ""
