"""Access to rooms: the conditions for reading a room and for speaking in it.

Statements that read or write contain these conditions, so that no moment lies between the check
and the use.
"""

from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from chat.models import Membership, Room, Sanction, User, Visit
from chat.room.sanctions import IN_FORCE, SANCTION_TABLE, in_force


class Reader(NamedTuple):
    """The person who reads: an account, or a guest without `user_id`."""

    user_id: int | None


def readable_by(reader: Reader) -> Q:
    """Return the condition on `Room` for the rooms that somebody may read.

    An account reads open rooms and those that it is a member of. A guest reads open rooms that
    allow guests. An archived room stays readable. An account that is banned from a room or from the
    site reads nothing there.
    """
    if reader.user_id is None:
        return Q(kind=Room.Kind.OPEN, guests_allowed=True)
    mine = Membership.objects.filter(room=OuterRef("pk"), user=reader.user_id)
    here = Q(room=None) | Q(room=OuterRef("pk"))
    bans = Sanction.objects.filter(in_force(), here, user=reader.user_id)
    barring = bans.exclude(kind=Sanction.Kind.MUTE)
    return (Q(kind=Room.Kind.OPEN) | Q(Exists(mine))) & ~Q(Exists(barring))


def readable_sql(user: str) -> str:
    """Return the same condition in SQL, for the SQL of the id of an account, NULL for a guest.

    The statement has the tables `room`, and `membership` with the account's row or without one. The
    SQL of the id is in the condition twice.
    """
    return f"""(
        (
            membership.id IS NOT NULL OR room.kind = '{Room.Kind.OPEN.value}'
                AND ({user} IS NOT NULL OR room.guests_allowed)
        )
        AND NOT EXISTS (
            SELECT 1 FROM {SANCTION_TABLE} AS sanction
            WHERE sanction.user_id = {user} AND {IN_FORCE}
                AND sanction.kind <> '{Sanction.Kind.MUTE.value}'
                AND (sanction.room_id IS NULL OR sanction.room_id = room.id)
        )
    )"""


def may_read(room_id: int, reader: Reader) -> bool:
    """Return whether somebody may read a room. Unknown rooms may be read by nobody."""
    return Room.objects.filter(readable_by(reader), pk=room_id).exists()


def allows_to_read(room_id: int | OuterRef, reader: Reader) -> Exists:
    """Return the same as a condition for statements on other tables, such as `Message`."""
    return Exists(Room.objects.filter(readable_by(reader), pk=room_id))


def shown_to_staff(user: User) -> Q:
    """Return the condition on `Room` for the rooms that staff see in the admin site.

    Superusers see all rooms, so that they can look into complaints; other staff see open ones.
    """
    return Q() if user.is_superuser else Q(kind=Room.Kind.OPEN)


# The condition that the person of `presence` may speak in the room of `saying`, for statements with
# these names. In the lobby everybody who is connected may, elsewhere members and visiting guests.
MAY_SPEAK = f"""
    presence.id IS NOT NULL AND (
        saying.room_id = (SELECT MIN(id) FROM {Room._meta.db_table})
        OR EXISTS (
            SELECT 1 FROM {Membership._meta.db_table} AS membership
            WHERE membership.room_id = saying.room_id AND membership.user_id = presence.user_id
        )
        OR EXISTS (
            SELECT 1 FROM {Visit._meta.db_table} AS visit
            WHERE visit.room_id = saying.room_id AND visit.presence_id = presence.id
        )
    )
"""
