"""The rows of security events: storing them, and deleting old ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from chat.accounts.event_tally import CAUSED_BY_ANYBODY, TOGETHER, Entry, Event
from chat.models import SecurityEvent, User

LOCK = 6_311_001  # the number of the lock with which processes take turns on PostgreSQL
DELETED_AT_ONCE = 500  # rows
MAX_KEPT_FROM_ANYBODY = 1_000_000  # of all events; older ones that anybody can cause are deleted


def store(entries: Sequence[Entry]) -> None:
    """Store what is not stored yet of some entries, in rows of the last minute or in new ones.

    All processes do this for the same table, one after the other.
    """
    with transaction.atomic():
        _take_turn()
        events = _with_accounts([entry.event for entry in entries])
        times = [entry.at for entry in entries]
        recent = _rows_between(min(times) - TOGETHER, max(times) + TOGETHER)
        new: dict[tuple[str, ...], SecurityEvent] = {}
        for event, entry in zip(events, entries, strict=True):
            count = entry.count - entry.stored
            if pk := recent.get(event.identity):
                SecurityEvent.objects.filter(pk=pk).update(count=F("count") + count)
            elif event.identity in new:
                new[event.identity].count += count
            else:
                new[event.identity] = SecurityEvent(
                    at=entry.at, count=count, network=event.network, **event._asdict()
                )
        SecurityEvent.objects.bulk_create(new.values())


def _take_turn():
    """Let one process at a time change the rows, or look for those of the last minute.

    SQLite's transactions do that by themselves.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _with_accounts(events: list[Event]) -> list[Event]:
    """Complete the accounts that somebody has typed. Names without an account are dropped.

    People sometimes type their password into the field of the name.
    """
    typed = {event.account_key for event in events if not event.account} - {""}
    users = User.objects.filter(key__in=typed) if typed else ()
    accounts = {user.key: user for user in users}
    return [
        event if event.account else _with_account(event, accounts.get(event.account_key))
        for event in events
    ]


def _with_account(event, user):
    if user is None:
        return event._replace(account_key="")
    return event._replace(account=user.username, user_id=user.pk)


def _rows_between(begin: datetime, end: datetime) -> dict[tuple[str, ...], int]:
    """Return {identity: id} of the rows between two times.

    They are few, because the tally is bounded, so all of them are read, by the index of the time.
    One address may have more rows, after attacks that went on for weeks.
    """
    rows = SecurityEvent.objects.filter(at__gt=begin, at__lt=end)
    fields = rows.values_list("kind", "network", "account_key", "by", "detail", "pk")
    return {tuple(identity): pk for *identity, pk in fields}


def delete_old() -> bool:
    """Delete some events that are older than the setting SECURITY_EVENT_DAYS allows.

    Call it again when it returns True: there may be more.
    """
    oldest = timezone.now() - timedelta(days=settings.SECURITY_EVENT_DAYS)
    too_old = SecurityEvent.objects.filter(at__lt=oldest).order_by("at")
    return _delete_some(too_old) or _delete_some(_too_many())


def _too_many():
    """Return the events that anybody can cause, except those among the newest of all events.

    A flood from many addresses must not fill the disk.
    """
    newest = SecurityEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return SecurityEvent.objects.filter(
        kind__in=CAUSED_BY_ANYBODY, pk__lte=newest - MAX_KEPT_FROM_ANYBODY
    )


def _delete_some(events: "QuerySet[SecurityEvent]") -> bool:
    keys = list(events.values_list("pk", flat=True)[:DELETED_AT_ONCE])
    if keys:
        with transaction.atomic():
            _take_turn()
            SecurityEvent.objects.filter(pk__in=keys).delete()
    return len(keys) == DELETED_AT_ONCE
