"""The sentences that tell moderators why nothing was done."""

from django.utils import timezone

from chat.models.moderation import MAX_REASON
from chat.room.refusal import RefusalCode, Refused

SENTENCES = {
    RefusalCode.NOT_ALLOWED: "This is not allowed: the person has the same rank or a higher one, "
    "somebody of a higher rank has decided it, or it cannot be done there.",
    RefusalCode.NO_SUCH_PERSON: "Nobody has this name.",
    RefusalCode.NO_SUCH_ROOM: "There is no such room.",
    RefusalCode.NO_SUCH_MESSAGE: "There is no such message, or it is removed already.",
    RefusalCode.NO_SUCH_ENTRY: "There is nothing like that, or not any more.",
    RefusalCode.DECIDED: "Somebody has decided about it already.",
    RefusalCode.BAD_TARGET: "A target is a name, an address such as address:203.0.113.7, or a "
    "network such as network:2001:db8::/64, which must not be too large.",
    RefusalCode.BAD_DURATION: "A duration looks like 30s, 10m, 2h, 7d or 4w, and is at most ten "
    "years.",
    RefusalCode.TOO_LONG: f"A reason has at most {MAX_REASON} characters.",
    RefusalCode.TOO_LATE: "It is too late for that.",
    RefusalCode.TOO_SOON: "It is too soon for that.",
    RefusalCode.ARCHIVED: "The room is archived.",
    RefusalCode.LAST_OWNER: "The room needs an owner.",
    RefusalCode.LAST_ADMINISTRATOR: "The site needs an administrator.",
}


def sentence_of(refusal: Refused) -> str:
    """Return why nothing was done."""
    sentence = SENTENCES.get(refusal.code, f"It was refused ({refusal.code}).")
    if refusal.until is not None:
        sentence += f" That holds until {timezone.localtime(refusal.until):%Y-%m-%d %H:%M}."
    return sentence
