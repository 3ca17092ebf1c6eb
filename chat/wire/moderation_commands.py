"""The commands of moderation, and the reports of what moderators should look at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModerationWord:
    """A word of moderation, with its clean argument (legacy only).

    The argument may begin with a name, which has to be looked up. Words for moderators are known
    only to people who may use them in the room where they are.
    """

    word: str
    argument: str


ModerationCommand = ModerationWord
