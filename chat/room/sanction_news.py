"""Sanctions that have begun or were lifted lately, and the people on the site whom they concern.

The processes that hold the connections of these people ask for them regularly.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from chat.models import Membership, Message, Muted, Room, Sanction


class Change(NamedTuple):
    """A sanction that has begun, or that somebody has lifted."""

    sanction_id: int
    is_lifted: bool


class Concerned(NamedTuple):
    """A connection of somebody whom a sanction concerns; a guest has no `user_id`."""

    connection_id: int
    user_id: int | None
    sanction_id: int


class Expulsion(NamedTuple):
    """A kick or a ban from a room, as the person is told of it."""

    room_id: int
    slug: str
    name: str
    until: datetime | None
    reason: str


def changed_since(moment: datetime) -> set[Change]:
    """Return what has begun or was lifted after a moment, by the clock of whoever did it."""
    changed = Sanction.objects.filter(Q(since__gt=moment) | Q(lifted__gt=moment))
    return {Change(pk, lifted is not None) for pk, lifted in changed.values_list("pk", "lifted")}


def concerned(changes: Collection[Change]) -> list[Concerned]:
    """Return the connections of the people whom some sanctions concern."""
    found = Muted.objects.filter(sanction__in={change.sanction_id for change in changes})
    rows = found.exclude(presence__connection=None)
    return [
        Concerned(*row)
        for row in rows.values_list("presence__connection", "presence__user", "sanction")
    ]


def expulsions(changes: Collection[Change]) -> list[tuple[int, Expulsion]]:
    """Return (connection, expulsion) of the people whom kicks and bans keep out of a room now.

    Those who cannot know of a private room are left out: they never were there.
    """
    begun = {change.sanction_id for change in changes if not change.is_lifted}
    expelling = Muted.objects.filter(sanction__in=begun).exclude(sanction__kind=Sanction.Kind.MUTE)
    is_member = Membership.objects.filter(
        room=OuterRef("sanction__room"), user=OuterRef("presence__user")
    )
    put_out = Message.objects.filter(
        room=OuterRef("sanction__room"),
        kind=Message.Kind.PARTED,
        name=OuterRef("presence__name"),
        at__gte=OuterRef("sanction__since"),
    )
    knowing = expelling.filter(
        Q(sanction__room__kind=Room.Kind.OPEN) | Exists(is_member) | Exists(put_out)
    )
    rows = knowing.exclude(presence__connection=None).values_list(
        "presence__connection",
        "sanction__room",
        "sanction__room__slug",
        "sanction__room__name",
        "sanction__until",
        "sanction__reason",
    )
    return [
        (connection_id, Expulsion(room_id, slug, name, until, reason))
        for connection_id, room_id, slug, name, until, reason in rows
    ]
