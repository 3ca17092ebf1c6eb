"""Places in the log of a room: a message with those around it, and the first message of a day."""

from datetime import datetime

from django.db.models import Q

from chat.models import Line, Message
from chat.models.message import MessageQuerySet
from chat.room import access, log
from chat.room.access import Reader

Kind = Message.Kind


def around(room_id: int, seq: int, limit: int, reader: Reader) -> tuple[list[Line], list[Line]]:
    """Return the messages up to a number, and those after it, each oldest first, if one may read.

    Each part has at most `limit` messages. Those that were removed are left out, but not the one
    with this number.
    """
    rows = _readable(room_id, reader).filter(Q(removed=False) | Q(seq=seq), kind=Kind.SAID)
    until = rows.filter(seq__lte=seq).order_by("-seq")[:limit].lines()[::-1]
    return until, rows.filter(seq__gt=seq).order_by("seq")[:limit].lines()


def first_since(room_id: int, moment: datetime, reader: Reader) -> int | None:
    """Return the number of the first message that was said at a moment or later, if one may read.

    The times of a log rise with its numbers, so a few of its lines are enough to find it, however
    long the log is.
    """
    rows = _readable(room_id, reader)
    low = log.oldest(room_id)
    high = rows.order_by("-seq").values_list("seq", flat=True).first()
    if low is None or high is None:
        return None
    while low < high:
        middle = (low + high) // 2
        at = rows.filter(seq__gte=middle).order_by("seq").values_list("at", flat=True).first()
        if at is not None and at < moment:
            low = middle + 1
        else:
            high = middle
    messages = rows.filter(kind=Kind.SAID, removed=False, seq__gte=low, at__gte=moment)
    return messages.order_by("seq").values_list("seq", flat=True).first()


def _readable(room_id: int, reader: Reader) -> MessageQuerySet:
    return Message.objects.filter(access.allows_to_read(room_id, reader), room_id=room_id)
