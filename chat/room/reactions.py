"""The rules of reactions to messages: each is an emoji with the names of those who chose it.

A name is in the list of an emoji once. Somebody who chooses it again after taking it back comes
last.
"""

from collections.abc import Mapping, Sequence

import orjson

from chat.models import Line
from chat.room.refusal import RefusalCode, Refused

MAX_KINDS = 20  # emoji of one message
MAX_REACTIONS = 1000  # names of all emoji of one message
MAX_SIZE = 32 * 1024  # bytes of all of them, so that a line stays small enough for one frame
VARIATION = "\ufe0f"  # asks for the coloured form of an emoji, and makes no other kind of it
TAKEN_BACK = "-"  # before the emoji in the line of a reaction that is taken back

Reactions = Mapping[str, Sequence[str]]


def line_text(emoji: str, *, on: bool) -> str:
    """Return the text of the line of a reaction."""
    return emoji if on else f"{TAKEN_BACK}{emoji}"


def react(
    reactions: Reactions | None, name: str, text: str
) -> tuple[dict[str, list[str]], str] | None:
    """Return the reactions after somebody's new one, and the text of its line.

    `text` is one too, perhaps with another form of the emoji. Returns None if nothing changes.
    Raises `Refused` when there are too many.
    """
    present = reactions or {}
    emoji = _same_kind(present, text.removeprefix(TAKEN_BACK))
    is_there = name in present.get(emoji, ())
    if is_there != text.startswith(TAKEN_BACK):
        return None
    line = line_text(emoji, on=not is_there)
    changed = applied(present, name, line)
    if not is_there and _are_too_many(changed):
        raise Refused(RefusalCode.TOO_MANY_REACTIONS)
    return changed, line


def _same_kind(reactions: Reactions, emoji: str) -> str:
    """Return the emoji as the reactions have it, or as it is given if none of them is the same."""
    plain = emoji.replace(VARIATION, "")
    return next((each for each in reactions if each.replace(VARIATION, "") == plain), emoji)


def _are_too_many(reactions):
    return (
        len(reactions) > MAX_KINDS
        or sum(map(len, reactions.values())) > MAX_REACTIONS
        or len(orjson.dumps(reactions)) > MAX_SIZE
    )


def applied(reactions: Reactions | None, name: str, text: str) -> dict[str, list[str]]:
    """Return the reactions after the line of a reaction.

    The line may be older than the reactions: applying all lines that follow leads to the same end.
    """
    emoji = text.removeprefix(TAKEN_BACK)
    changed = {each: [*names] for each, names in (reactions or {}).items()}
    names = [each for each in changed.pop(emoji, []) if each != name]
    if not text.startswith(TAKEN_BACK):
        names.append(name)
    return changed | {emoji: names} if names else changed


def applied_to(message: Line, change: Line) -> Line:
    """Return a message after the line of a reaction to it."""
    reactions = applied(message.reactions, change.name, change.text)
    return message._replace(reactions=reactions or None)
