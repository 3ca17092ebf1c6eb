"""Messages after the lines that change them, for readers who have both in memory."""

from collections.abc import Iterable

from chat.models import Line
from chat.room import reactions

# Kinds of lines that change the message that they point at.
CHANGES = frozenset({"edited", "removed", "restored", "reacted"})


def changed(line: Line, change: Line) -> Line:
    """Return a line as it is after a later line that changes a message.

    The line is that message, or refers to it; any other line stays as it is. A line that was read
    from the database may have later changes already. It is right again once all changes that follow
    were applied.
    """
    if line.seq == change.of:
        return _message(line, change)
    if line.of == change.of and line.refers:
        return _reference(line, change)
    return line


def _message(message, change):
    match change.kind:
        case "removed":
            return message.without_content()
        case "restored":
            # A message that was removed again, after the change, has no content to show.
            return message._replace(removed=False, **_content(change))
        case "edited" if not message.removed:
            return message._replace(
                text=change.text, spans=change.spans, edited=change.edited or change.at
            )
        case "reacted" if not message.removed:
            return reactions.applied_to(message, change)
    return message


def _content(change):
    return {
        "text": change.text,
        "spans": change.spans,
        "edited": change.edited,
        "reactions": change.reactions,
        "files": change.files,
        "quote": change.quote,
    }


def _reference(line, change):
    if line.kind == "said":
        return line if line.removed else line._replace(quote=_quote(line, change))
    match change.kind:
        case "removed":
            return line._replace(text="", spans=None, reactions=None, files=None, quote=None)
        case "edited":
            return line._replace(text=change.text, spans=change.spans, edited=change.edited)
        case "restored" if line.kind == "restored":
            return line._replace(**_content(change))
        case "restored":
            return line._replace(text=change.text, spans=change.spans, edited=change.edited)
        case "reacted" if line.kind == "restored":
            return reactions.applied_to(line, change)
    return line


def _quote(line, change):
    if line.quote is None or change.kind == "reacted":
        return line.quote
    name = line.quote["name"]
    if change.kind == "removed":
        return {"name": name, "text": "", "removed": True}
    return {"name": name, "text": change.as_quoted()["text"]}


def up_to_date(lines: Iterable[Line], later: Iterable[Line]) -> list[Line]:
    """Return lines as they are after later ones."""
    found = list(lines)
    for change in later:
        if change.kind in CHANGES:
            found = [changed(line, change) for line in found]
    return found
