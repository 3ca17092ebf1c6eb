"""The messages that a client shows, by the lines that it has received.

It applies lines as chat/wire/README.md says, and not with the code of the site.
"""

from dataclasses import dataclass, field

QUOTED = 100  # characters of a message that a reply shows


@dataclass
class ShownMessage:
    """A message on the screen of a member. `quote` is what a reply shows of another message."""

    name: str
    text: str
    removed: bool = False
    edited: bool = False
    reactions: dict = field(default_factory=dict)
    of: int | None = None
    quote: dict | None = None


def shown_messages(received):
    """Return {seq: `ShownMessage`} after all lines that a member has received of a room."""
    shown, replies = {}, {}
    for line in [*received.first_lines, *received.lines]:
        if line["kind"] == "said":
            shown[line["seq"]] = _said(line)
            if line["of"] is not None:
                replies.setdefault(line["of"], []).append(line["seq"])
        elif line["kind"] in ("edited", "removed", "restored", "reacted"):
            if line["of"] in shown:
                _change(shown[line["of"]], line)
            for seq in replies.get(line["of"], ()):
                _change_quote(shown[seq], line)
    return shown


def _said(line):
    return ShownMessage(
        name=line["name"],
        text=line["text"],
        removed=line.get("removed", False),
        edited="edited" in line,
        reactions=_copy(line.get("reactions")),
        of=line["of"],
        quote=line.get("quote"),
    )


def _copy(reactions):
    return {emoji: list(names) for emoji, names in (reactions or {}).items()}


def _change(message, line):
    match line["kind"]:
        case "removed":
            message.text, message.removed = "", True
            message.reactions, message.quote = {}, None
        case "restored":
            message.text, message.removed = line["text"], False
            message.edited = "edited" in line
            message.reactions, message.quote = _copy(line.get("reactions")), line.get("quote")
        case "edited" if not message.removed:
            message.text, message.edited = line["text"], True
        case "reacted" if not message.removed:
            _react(message.reactions, line["name"], line["text"])


def _react(reactions, name, text):
    emoji = text.removeprefix("-")
    names = [each for each in reactions.pop(emoji, []) if each != name]
    if emoji == text:
        names.append(name)
    if names:
        reactions[emoji] = names


def _change_quote(reply, line):
    if reply.quote is None or line["kind"] == "reacted":
        return
    if line["kind"] == "removed":
        reply.quote = {"name": reply.quote["name"], "text": "", "removed": True}
    else:
        reply.quote = {"name": reply.quote["name"], "text": first_words(line["text"])}


def first_words(text):
    """Return how much of a text a reply to it shows. Members write no marks but asterisks."""
    return " ".join(text.replace("*", "").split())[:QUOTED]


def shown_by(messages, seq):
    """Return a message as everybody must see it, by {seq: `SavedMessage`} of the database."""
    saved = messages[seq]
    if saved.removed:
        return ShownMessage(saved.name, "", removed=True, edited=saved.edited, of=saved.of)
    return ShownMessage(
        name=saved.name,
        text=saved.texts[-1],
        edited=saved.edited,
        reactions=saved.reactions,
        of=saved.of,
        quote=None if saved.of is None else _quote_of(messages[saved.of]),
    )


def _quote_of(saved):
    if saved.removed:
        return {"name": saved.name, "text": "", "removed": True}
    return {"name": saved.name, "text": first_words(saved.texts[-1])}
