"""The lists of rooms for one person: those that they are in, and others that they may join."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models.functions import Lower

from chat.models import Room
from chat.room import summaries
from chat.room.access import Reader, readable_by
from chat.room.summaries import RoomSummary

MAX_OWN = 500  # rooms in a list
MAX_OTHERS = 100


class Listing(NamedTuple):
    """The rooms of somebody: the lobby, their favourites, the rest, and others that they may join.

    The last are sorted by name.
    """

    own: list[RoomSummary]
    others: list[RoomSummary]


def read(user_id: int | None, visited: Iterable[int]) -> Listing:
    """Return the rooms for an account; or for a guest without `user_id`, who visits some."""
    if user_id is not None:
        mine = summaries.of_members([user_id])[user_id]
        own = mine[:1] + sorted(mine[1:], key=lambda room: not room.favourite)
    else:
        own = _read(None, [Room.first().pk, *visited])
    found = Room.objects.filter(readable_by(Reader(user_id)), kind=Room.Kind.OPEN, archived=False)
    others = found.exclude(pk__in=[room.id for room in own]).order_by(Lower("name"), "pk")
    other_ids = list(others.values_list("pk", flat=True)[:MAX_OTHERS])
    return Listing(own[:MAX_OWN], _read(user_id, other_ids))


def _read(user_id, room_ids):
    found = summaries.of_pairs([(user_id, room_id) for room_id in room_ids])
    return [found[user_id, room_id] for room_id in room_ids if (user_id, room_id) in found]
