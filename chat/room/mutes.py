"""Mutes as the people concerned are told of them: until when, and why."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from chat.models import Presence, Sanction
from chat.room.sanctions import IN_FORCE, MUTED_TABLE, SANCTION_TABLE


class Mute(NamedTuple):
    """A mute that keeps somebody from speaking; without `until` it holds for good."""

    until: datetime | None
    reason: str


def mute_sql(user: str, room: str) -> str:
    """Return SQL for the id of the sanction that holds for an account in a room, NULL without one.

    `user` and `room` are the SQL of their ids. Of several mutes it is the one that ends last.
    """
    return f"""(
        SELECT sanction.id FROM {Presence._meta.db_table} AS present
        JOIN {MUTED_TABLE} AS muted ON muted.presence_id = present.id
        JOIN {SANCTION_TABLE} AS sanction ON sanction.id = muted.sanction_id
        WHERE present.user_id = {user} AND {IN_FORCE}
            AND (sanction.room_id IS NULL OR sanction.room_id = {room})
        ORDER BY CASE WHEN sanction.until IS NULL THEN 0 ELSE 1 END, sanction.until DESC LIMIT 1
    )"""


def of_ids(ids: Collection[int]) -> dict[int, Mute]:
    """Return {id: mute} of some sanctions."""
    if not ids:
        return {}
    rows = Sanction.objects.filter(pk__in=ids).values_list("pk", "until", "reason")
    return {pk: Mute(until, reason) for pk, until, reason in rows}
