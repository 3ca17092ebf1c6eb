"""Notices for one person, who is told at once, or when they connect again.

There is one kind so far: a moderator has looked at a report of the person. A guest is told while
the presence that reported lasts: somebody else may have the name later.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from chat.models import Connection, Report
from chat.room import changes

REPORT = "report"  # a report of the person was looked at
KEPT = timedelta(days=30)  # for people who do not come back earlier


class Person(NamedTuple):
    """An account, or the presence of a guest; the other one is None."""

    user_id: int | None
    presence_id: int | None


def announce(user_id: int | None, presence_id: int | None) -> None:
    """Let the connections of an account, or else of a guest's presence, hear of a notice."""
    if user_id is not None:
        here = Connection.objects.filter(presence__user=user_id)
    else:
        here = Connection.objects.filter(presence=presence_id)
    changes.announce_people(here.values_list("pk", flat=True))


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


def _notices(people: Mapping[int, Person], reports: Iterable[Report]) -> dict[int, list[str]]:
    told = {_person(report.reporter_id, report.reporter_presence) for report in reports}
    return {pk: [REPORT] for pk, person in people.items() if person in told}


def _people(connection_ids: Collection[int]) -> dict[int, Person]:
    """Return {connection: person}."""
    rows = Connection.objects.filter(pk__in=connection_ids)
    return {
        pk: _person(user_id, presence_id)
        for pk, user_id, presence_id in rows.values_list("pk", "presence__user", "presence")
    }


def _person(user_id, presence_id):
    return Person(user_id, None if user_id is not None else presence_id)


def _untold(people: Mapping[int, Person]) -> "QuerySet[Report]":
    """Return the reports of people that somebody has looked at, unless they were told."""
    users = {person.user_id for person in people.values()} - {None}
    presences = {person.presence_id for person in people.values()} - {None}
    decided = Report.objects.filter(told=False, at__gt=timezone.now() - KEPT)
    return decided.exclude(state=Report.State.OPEN).filter(
        Q(reporter__in=users) | Q(reporter=None, reporter_presence__in=presences)
    )
