"""The sentences that tell a room what its moderators have done."""

from datetime import timedelta

from chat.models import Sanction
from chat.room import durations
from chat.room.targets import Target

Kind = Sanction.Kind

OPERATOR = "Moderator"  # a reserved name, for lines of the operator at the command line
DONE = {Kind.MUTE: "muted", Kind.KICK: "kicked", Kind.BAN: "banned"}


def began(sanction: Sanction, target: Target, duration: timedelta | None) -> str:
    """Return the sentence about a sanction: `ann was muted for 10 minutes: reason`."""
    length = "" if duration is None else f" for {durations.describe(duration)}"
    return f"{target.name} was {DONE[Kind(sanction.kind)]}{length}" + because(sanction.reason)


def ended(sanction: Sanction, target: Target) -> str:
    """Return the sentence about the end of a sanction."""
    may = "speak" if sanction.kind == Kind.MUTE else "come"
    return f"{target.name} may {may} again"


def because(reason: str) -> str:
    """Return the end of a sentence with a reason."""
    return f": {reason}" if reason else ""
