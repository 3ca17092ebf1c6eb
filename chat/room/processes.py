"""The server processes that keep connections alive: registration, heartbeats, and take-over."""

from collections.abc import Collection
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from chat.models import Connection, Process
from chat.room import log, presence


def register(host: str, pid: int, started: str) -> int:
    """Insert a row for a process that starts, and return its id."""
    return Process.objects.create(host=host, pid=pid, started=started).pk


def beat(process_id: int) -> bool:
    """Show that a process lives. Returns False when other processes have declared it dead."""
    return bool(_alive(process_id).update(beat=F("beat") + 1))


def is_alive(process_id: int) -> bool:
    """Return whether a process is registered and was not declared dead."""
    return _alive(process_id).exists()


def _alive(process_id):
    return Process.objects.filter(pk=process_id, stopped=False)


class OtherProcess(NamedTuple):
    """The row of another process, as one process sees it."""

    id: int
    host: str
    pid: int
    started: str
    beat: int
    stopped: bool


def others(process_id: int) -> list[OtherProcess]:
    """Return all other processes."""
    rows = Process.objects.exclude(pk=process_id).order_by("pk")
    return [OtherProcess(*row) for row in rows.values_list(*OtherProcess._fields)]


def retire(process_id: int) -> None:
    """Mark a process as stopped in order; its row stays while it has connections."""
    Process.objects.filter(pk=process_id).update(stopped=True)
    _delete_unconnected([process_id])


def bury(process_ids: Collection[int]) -> None:
    """End the connections of dead processes and delete the processes."""
    # Mark them first. Otherwise a process that wakes up now would think that its members were
    # kicked.
    Process.objects.filter(pk__in=process_ids).update(stopped=True)
    presence.expire_all(Connection.objects.filter(process_id__in=process_ids))
    _delete_unconnected(process_ids)


def take_over(process_id: int, dead_ids: Collection[int]) -> list[int]:
    """Move the connections of dead processes of this host to their successor.

    Legacy connections end at once, because their sockets are gone. Web members get time to return.
    Returns the ids of the web connections. The caller ends them after the grace period.
    """
    dead = Connection.objects.filter(process_id__in=dead_ids)
    presence.expire_all(dead.filter(door=Connection.Door.LEGACY))
    with transaction.atomic():
        log.lock_lobby()
        taken = list(dead.values_list("pk", flat=True))
        held = Connection.objects.filter(pk__in=taken)
        held.update(process_id=process_id, lost=True)
    _delete_unconnected(dead_ids)
    return taken


def _delete_unconnected(process_ids):
    # A process that was only frozen may have added a connection meanwhile. Then its row stays, and
    # the next check of the heartbeats finds it.
    Process.objects.filter(pk__in=process_ids, connection=None).delete()
