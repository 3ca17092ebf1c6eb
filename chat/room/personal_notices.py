"""Notices for one person, who is told at once, or when they connect again.

There is one kind so far: a moderator has looked at a report of the person.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from chat.models import Connection, Report
from chat.room import changes

REPORT = "report"  # a report of the person was looked at
KEPT = timedelta(days=30)  # for people who do not come back earlier


def announce(user_id: int | None, key: str) -> None:
    """Let the connections of an account, or of a guest with the key of a name, hear of a notice."""
    here = Connection.objects.filter(_presence_of(user_id, key))
    changes.announce_people(here.values_list("pk", flat=True))


def _presence_of(user_id, key):
    if user_id is None:
        return Q(presence__user=None, presence__key=key)
    return Q(presence__user=user_id)


def waiting(connection_ids: Collection[int]) -> dict[int, list[str]]:
    """Return {connection: notices} of the people of some connections who were not told yet."""
    people = _people(connection_ids)
    return _notices(people, _untold(people))


@transaction.atomic
def take(connection_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the same, and note that these people were told."""
    people = _people(connection_ids)
    # Everybody locks them in this order, and somebody is told by one process only.
    told = list(_untold(people).order_by("pk").select_for_update(no_key=True))
    Report.objects.filter(pk__in=[report.pk for report in told]).update(told=True)
    return _notices(people, told)


def _notices(
    people: Mapping[int, tuple[int | None, str | None]], reports: Iterable[Report]
) -> dict[int, list[str]]:
    told = {
        (report.reporter_id, None if report.reporter_id else report.reporter_key)
        for report in reports
    }
    return {pk: [REPORT] for pk, person in people.items() if person in told}


def _people(connection_ids: Collection[int]) -> dict[int, tuple[int | None, str | None]]:
    """Return {connection: person}: the id of an account, or the key of the name of a guest."""
    rows = Connection.objects.filter(pk__in=connection_ids)
    return {
        pk: (user_id, None if user_id else key)
        for pk, user_id, key in rows.values_list("pk", "presence__user", "presence__key")
    }


def _untold(people: Mapping[int, tuple[int | None, str | None]]) -> "QuerySet[Report]":
    """Return the reports of people that somebody has looked at, unless they were told."""
    users = {user_id for user_id, _ in people.values() if user_id is not None}
    keys = {key for _, key in people.values() if key is not None}
    decided = Report.objects.filter(told=False, at__gt=timezone.now() - KEPT)
    return decided.exclude(state=Report.State.OPEN).filter(
        Q(reporter__in=users) | Q(reporter=None, reporter_key__in=keys)
    )
