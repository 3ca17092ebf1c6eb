"""The limit of connections for each account: a new connection replaces the oldest one.

The process that holds a connection closes it when its row is gone, see `chat.live.evictions`.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count

from chat.models import Connection


def end_oldest(entered: Iterable[Connection]) -> dict[int, frozenset[int]]:
    """Delete the oldest connections of the accounts that have too many after some have entered.

    The lobby is locked. Returns {presence id: ids of its connections that were deleted}.
    """
    of_accounts = {
        connection.presence_id for connection in entered if connection.presence.user_id is not None
    }
    crowded = _crowded(of_accounts) if of_accounts else []
    if not crowded:
        return {}
    held: dict[int, list[int]] = {presence_id: [] for presence_id in crowded}
    rows = Connection.objects.filter(presence__in=crowded).order_by("pk")
    for presence_id, pk in rows.values_list("presence_id", "pk"):
        held[presence_id].append(pk)
    limit = settings.MAX_CONNECTIONS_PER_ACCOUNT
    replaced = {presence_id: frozenset(pks[:-limit]) for presence_id, pks in held.items()}
    Connection.objects.filter(pk__in=frozenset().union(*replaced.values())).delete()
    return replaced


def _crowded(presence_ids):
    """Return the ids of those presences that have too many connections."""
    counts = Connection.objects.filter(presence__in=presence_ids).values("presence")
    counted = counts.annotate(count=Count("pk")).order_by()
    crowded = counted.filter(count__gt=settings.MAX_CONNECTIONS_PER_ACCOUNT)
    return list(crowded.values_list("presence", flat=True))


def was_replaced(user_id: int, connection_id: int) -> bool:
    """Return whether a connection whose row is gone was replaced by newer ones of its account.

    When somebody disconnects an account, its newer connections end too.
    """
    newer = Connection.objects.filter(presence__user_id=user_id, pk__gt=connection_id)
    return newer.count() >= settings.MAX_CONNECTIONS_PER_ACCOUNT
