"""The commands of clients about moderation.

Without a room `Moderate` means the whole site, and `Report` the lobby.
"""

from dataclasses import dataclass
from typing import ClassVar

# The actions of `moderate`.
ACTIONS = (
    *("mute", "unmute", "kick", "ban", "unban", "lift", "purge", "unpurge"),
    *("slow", "lock", "unlock", "by_request", "not_by_request", "sanctions"),
)


@dataclass(frozen=True, slots=True)
class Moderate:
    """Do something as a moderator (web only).

    `target` and `duration` are texts as moderators type them. `entry` is the number of what is
    undone: a sanction, or a purge.
    """

    word: ClassVar[str] = "moderate"
    action: str
    target: str = ""
    duration: str = ""
    reason: str = ""
    entry: int | None = None
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Report the message `seq`, or the person `name`, to the moderators of a room."""

    word: ClassVar[str] = "report"
    why: str
    seq: int | None = None
    name: str | None = None
    room: int | None = None


@dataclass(frozen=True, slots=True)
class ModerationWord:
    """A word of moderation, with its clean argument (legacy only).

    The argument may begin with a name, which has to be looked up. Words for moderators are known
    only to people who may use them in the room where they are.
    """

    word: str
    argument: str


ModerationCommand = Moderate | Report | ModerationWord
