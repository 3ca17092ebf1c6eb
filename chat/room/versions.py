"""The versions of a message that was edited, for its author. Staff see them in the admin site."""

from datetime import datetime
from typing import Any, NamedTuple

from chat.models import Message, MessageVersion
from chat.room import access
from chat.room.access import Reader
from chat.room.refusal import RefusalCode, Refused

LARGEST = 2**63 - 1  # no line has a larger number


class Version(NamedTuple):
    """A text of a message, and when it was written."""

    text: str
    spans: list[list[Any]] | None
    at: datetime


def of_message(room_id: int, seq: int, user_id: int) -> list[Version]:
    """Return the versions of a message of an account, the oldest first and the present one last.

    Raises `Refused` if the account has no such message, or may not read the room any more.
    """
    own = Message.objects.filter(
        access.allows_to_read(room_id, Reader(user_id)),
        room_id=room_id,
        seq=min(seq, LARGEST),
        kind=Message.Kind.SAID,
        author_id=user_id,
        removed=False,
    )
    message = own.first()
    if message is None:
        raise Refused(RefusalCode.NO_SUCH_MESSAGE)
    earlier = MessageVersion.objects.filter(room_id=room_id, seq=seq).order_by("number")
    found = [Version(*row) for row in earlier.values_list("text", "spans", "at")]
    return [*found, Version(message.text, message.spans, message.edited or message.at)]
