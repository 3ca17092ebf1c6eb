"""The rows of living connections: ending them, and the queries of the process that holds them.

The process that holds a connection notices that the row is gone and closes the socket. So kicking,
signing out and deactivating work the same on every process.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Sum

from chat.models import Connection, Presence
from chat.room import log, moderation_log, moderation_rules, presence
from chat.room.moderation_log import Action, Moderator
from chat.room.targets import Target

# Ending connections


def disconnect(
    *,
    user_id: int | None = None,
    session_key: str | None = None,
    except_session: str | None = None,
) -> None:
    """End the connections of an account, of a login session, or those that match both.

    Connections of `except_session` are spared.
    """
    connections = Connection.objects.all()
    if user_id is not None:
        connections = connections.filter(presence__user_id=user_id)
    if session_key is not None:
        connections = connections.filter(session_key=session_key)
    if except_session:
        connections = connections.exclude(session_key=except_session)
    presence.expire_all(connections)


@transaction.atomic
def disconnect_people(
    presence_ids: Iterable[int], moderator: Moderator | None = None
) -> list[Presence]:
    """End all connections of some people, who may come back at once, and return these people.

    Those whom the moderator does not outrank stay.
    """
    here = Presence.objects.filter(pk__in=presence_ids).select_related("user")
    people = [
        person
        for person in here.order_by("pk")
        if moderator is None or moderation_rules.outranks(moderator, person.user)
    ]
    ids = [person.pk for person in people]
    presence.expire_all(Connection.objects.filter(presence_id__in=ids))
    if moderator is not None:
        for person in people:
            target = Target(person.name, person.user, person.key)
            moderation_log.record(moderator, Action.DISCONNECT, target)
    return people


def rename_session(user_id: int, old_key: str | None, new_key: str | None) -> None:
    """Store the new key of a login session of an account."""
    with transaction.atomic():
        log.lock_lobby()
        mine = Connection.objects.filter(session_key=old_key, presence__user_id=user_id)
        mine.update(session_key=new_key)


# Queries of the process that holds the connections


def session_keys(process_id: int) -> dict[int, str]:
    """Return {id: session key} of the connections that a process holds, without lost ones."""
    held = Connection.objects.filter(process_id=process_id, lost=False)
    return dict(held.values_list("pk", "session_key"))


def fingerprint(process_id: int) -> tuple[int, int]:
    """Return the number of connections that a process holds, and the sum of their ids.

    A process compares these cheap figures before it reads the rows.
    """
    held = Connection.objects.filter(process_id=process_id, lost=False)
    found = held.aggregate(count=Count("pk"), total=Sum("pk"))
    return found["count"], found["total"] or 0


def lost_connections(process_id: int) -> list[int]:
    """Return the ids of a process's lost connections. It ends them after the grace period."""
    lost = Connection.objects.filter(process_id=process_id, lost=True)
    return list(lost.values_list("pk", flat=True))
