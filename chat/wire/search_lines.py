"""The lines of the legacy port about what a search has found; see chat/wire/README.md."""

from collections.abc import Sequence
from typing import NamedTuple

from chat.wire.interface import LogLine
from chat.wire.room_lines import label

NOTHING_FOUND = b"Nothing was found \n"
MAX_SHOWN = 400  # characters of a message


class FoundLine(NamedTuple):
    """A message that was found, and its room: the address, or the other people of a direct one."""

    slug: str
    people: Sequence[str]
    line: LogLine


def found(lines: Sequence[FoundLine], *, has_more: bool) -> bytes:
    """Return the answer to `search`, for the hits in the order in which they are shown."""
    if not lines:
        return NOTHING_FOUND
    shown = [_line(each) for each in lines]
    if has_more:
        shown.append(f"Older ones: add before:{lines[0].line.at:%Y-%m-%d} or more words \n")
    return "".join(shown).encode()


def _line(each: FoundLine) -> str:
    text = " ".join(each.line.text.split("\n"))
    if len(text) > MAX_SHOWN:
        text = f"{text[:MAX_SHOWN]}…"
    room, line = label(each.slug, each.people), each.line
    return f"{line.at:%Y-%m-%d %H:%M} {room} {line.name}: {text}\n"


def mistaken(sentence: str) -> bytes:
    """Return the answer to a search that makes no sense."""
    return f"{sentence} \n".encode()
