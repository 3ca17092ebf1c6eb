"""Parts of a log in which only messages count. Longer runs of passing lines are left out.

A page that shows messages asks for these: in a busy room thousands of people may come and go, or
react to something, between two messages. Lines that change a message say nothing new to those who
get the message later.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from chat.models import Line, Message
from chat.room import folding, log
from chat.room.log import MESSAGE_TABLE

Kind = Message.Kind

# Kinds of lines that are left out.
PASSING = frozenset({Kind.ENTERED.value, Kind.LEFT.value, *folding.CHANGES})
KEPT = [kind for kind in Kind if kind.value not in PASSING]
SHORT_RUN = 3  # passing lines in a row that are kept, so that they can be shown with names
MAX_CHANGES = 200  # lines besides messages (such as notices) in one excerpt


class Run(NamedTuple):
    """Lines that were left out: the first and the last number, and how many came and went."""

    first: int
    last: int
    entered: int
    left: int


class Excerpt(NamedTuple):
    """The part of a log from the line `first` to `last`: the kept lines, and the runs left out.

    `more`: the log has further lines, before an excerpt that was read backward, or after one that
    was read forward.
    """

    first: int
    last: int
    lines: list[Line]
    skipped: list[Run]
    more: bool = False


def before(room_id: int, seq: int, limit: int) -> Excerpt:
    """Return the newest `limit` messages before a number, and the other lines among them.

    An excerpt with fewer messages begins with the oldest line of the log.
    """
    oldest = _oldest(room_id, seq)
    messages = Message.objects.filter(room_id=room_id, kind=Kind.SAID, seq__lt=seq)
    seqs = messages.order_by("-seq").values_list("seq", flat=True)[:limit]
    first = seqs[limit - 1] if len(seqs) == limit else oldest
    rows = Message.objects.filter(
        room_id=room_id, kind__in=KEPT, seq__gte=first, seq__lt=seq
    ).order_by("-seq")
    lines = rows[: limit + MAX_CHANGES].lines()[::-1]
    if len(lines) == limit + MAX_CHANGES:
        first = lines[0].seq
    return _excerpt(room_id, first, seq - 1, lines)._replace(more=first > oldest)


def after(room_id: int, seq: int, last: int, limit: int) -> Excerpt:
    """Return the next `limit` messages after a number, and the other lines among them.

    An excerpt with fewer messages ends with the line `last`. It begins later when the lines after
    the number were deleted.
    """
    end = last
    messages = Message.objects.filter(room_id=room_id, kind=Kind.SAID, seq__gt=seq, seq__lte=last)
    seqs = messages.order_by("seq").values_list("seq", flat=True)[:limit]
    last = seqs[limit - 1] if len(seqs) == limit else last
    rows = Message.objects.filter(
        room_id=room_id, kind__in=KEPT, seq__gt=seq, seq__lte=last
    ).order_by("seq")
    lines = rows[: limit + MAX_CHANGES].lines()
    if len(lines) == limit + MAX_CHANGES:
        last = lines[-1].seq
    first = max(seq + 1, _oldest(room_id, last + 1))
    return _excerpt(room_id, first, last, lines)._replace(more=last < end)


def count_missed(room_id: int, after: int, first: int, last: int) -> int | None:
    """Return how many messages follow the number `after`, before the line `first`.

    Returns None if a line up to `last` has changed one up to `after`. Somebody who knows these, and
    gets an excerpt from `first` to `last`, would not learn of it.
    """
    following = Message.objects.filter(room_id=room_id, seq__gt=after)
    changes = following.filter(kind__in=sorted(folding.CHANGES), seq__lte=last, of__lte=after)
    if changes.exists():
        return None
    return following.filter(kind=Kind.SAID, seq__lt=first).count()


def _oldest(room_id: int, end: int) -> int:
    """Return the number of the oldest line before `end`; `end` if there is none."""
    oldest = log.oldest(room_id)
    return end if oldest is None else min(oldest, end)


def _excerpt(room_id: int, first: int, last: int, lines: list[Line]) -> Excerpt:
    gaps = []
    expected = first
    for seq in [*(line.seq for line in lines), last + 1]:
        if seq > expected:
            gaps.append((expected, seq - 1))
        expected = seq + 1
    short, long = _split(gaps)
    return Excerpt(
        first=first,
        last=last,
        lines=sorted(lines + _lines_of(room_id, short), key=lambda line: line.seq),
        skipped=_runs(room_id, long),
    )


def _split(gaps: Sequence[tuple[int, int]]) -> tuple[list[range], list[tuple[int, int]]]:
    """Return the numbers in short gaps, and the other gaps."""
    short = [range(first, last + 1) for first, last in gaps if last - first < SHORT_RUN]
    return short, [(first, last) for first, last in gaps if last - first >= SHORT_RUN]


def _lines_of(room_id: int, gaps: Sequence[range]) -> list[Line]:
    seqs = [seq for gap in gaps for seq in gap]
    return Message.objects.filter(room_id=room_id, seq__in=seqs).lines() if seqs else []


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
