"""Parts of a log in which only messages count. Runs of comings and goings are left out.

A page that shows messages asks for these: in a busy room thousands of people may come and go
between two messages.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from chat.models import Line, Message
from chat.room.log import MESSAGE_TABLE

Kind = Message.Kind

PASSING = frozenset({Kind.ENTERED.value, Kind.LEFT.value})  # kinds of lines that are left out
KEPT = [kind for kind in Kind if kind.value not in PASSING]
MAX_CHANGES = 200  # lines besides messages (removals, notices) in one excerpt


class Run(NamedTuple):
    """Lines that were left out: the first and the last number, and how many of each kind."""

    first: int
    last: int
    entered: int
    left: int


class Excerpt(NamedTuple):
    """The part of a log from the line `first` to `last`: the kept lines, and the runs left out."""

    first: int
    last: int
    lines: list[Line]
    skipped: list[Run]


def before(room_id: int, seq: int, limit: int) -> Excerpt:
    """Return the newest `limit` messages before a number, and the other lines among them.

    An excerpt with fewer messages begins with the first line of the log.
    """
    messages = Message.objects.filter(room_id=room_id, kind=Kind.SAID, seq__lt=seq)
    seqs = messages.order_by("-seq").values_list("seq", flat=True)[:limit]
    first = seqs[limit - 1] if len(seqs) == limit else 1
    rows = Message.objects.filter(
        room_id=room_id, kind__in=KEPT, seq__gte=first, seq__lt=seq
    ).order_by("-seq")
    lines = rows[: limit + MAX_CHANGES].lines()[::-1]
    if len(lines) == limit + MAX_CHANGES:
        first = lines[0].seq
    return _excerpt(room_id, first, seq - 1, lines)


def after(room_id: int, seq: int, last: int, limit: int) -> Excerpt:
    """Return the next `limit` messages after a number, and the other lines among them.

    An excerpt with fewer messages ends with the line `last`.
    """
    messages = Message.objects.filter(room_id=room_id, kind=Kind.SAID, seq__gt=seq, seq__lte=last)
    seqs = messages.order_by("seq").values_list("seq", flat=True)[:limit]
    last = seqs[limit - 1] if len(seqs) == limit else last
    rows = Message.objects.filter(
        room_id=room_id, kind__in=KEPT, seq__gt=seq, seq__lte=last
    ).order_by("seq")
    lines = rows[: limit + MAX_CHANGES].lines()
    if len(lines) == limit + MAX_CHANGES:
        last = lines[-1].seq
    return _excerpt(room_id, seq + 1, last, lines)


def count_messages(room_id: int, after: int, until: int) -> int:
    """Return how many messages follow one number, up to another."""
    return Message.objects.filter(
        room_id=room_id, kind=Kind.SAID, seq__gt=after, seq__lte=until
    ).count()


def _excerpt(room_id: int, first: int, last: int, lines: list[Line]) -> Excerpt:
    gaps = []
    expected = first
    for seq in [*(line.seq for line in lines), last + 1]:
        if seq > expected:
            gaps.append((expected, seq - 1))
        expected = seq + 1
    return Excerpt(first=first, last=last, lines=lines, skipped=_runs(room_id, gaps))


def _runs(room_id: int, gaps: Sequence[tuple[int, int]]) -> list[Run]:
    """Count the comings and goings in each gap between kept lines, in one statement."""
    if not gaps:
        return []
    one = (
        f"SELECT %s, kind, COUNT(*) FROM {MESSAGE_TABLE}"
        " WHERE room_id = %s AND kind IN ('entered', 'left') AND seq BETWEEN %s AND %s"
        " GROUP BY kind"
    )
    arguments = [value for first, last in gaps for value in (first, room_id, first, last)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(gaps)), arguments)
        counts = {(first, kind): count for first, kind, count in cursor.fetchall()}
    return [
        Run(
            first=first,
            last=last,
            entered=counts.get((first, Kind.ENTERED.value), 0),
            left=counts.get((first, Kind.LEFT.value), 0),
        )
        for first, last in gaps
    ]
