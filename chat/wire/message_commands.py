"""The commands of clients that change messages, for both wires.

A command without a room means the lobby.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Edit:
    """Give the message `seq` of a room another clean text."""

    word: ClassVar[str] = "edit"
    seq: int
    text: str
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the message `seq` of a room."""

    word: ClassVar[str] = "remove"
    seq: int
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Restore:
    """Undo the removal of the message `seq` of a room (web only)."""

    word: ClassVar[str] = "restore"
    seq: int
    room: int | None = None


@dataclass(frozen=True, slots=True)
class React:
    """React to the message `seq` of a room with an emoji, or take that back."""

    word: ClassVar[str] = "react"
    seq: int
    emoji: str
    on: bool = True
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """Begin or end to show the number of each line (legacy only)."""

    word: ClassVar[str] = "numbers"


@dataclass(frozen=True, slots=True)
class NumberWord:
    """A word about the message with a number, with the rest of its clean argument (legacy only).

    It is known while the client is shown the numbers. `seq` is None if the argument does not begin
    with a number.
    """

    word: str
    seq: int | None
    argument: str


MessageCommand = Edit | Remove | Restore | React
