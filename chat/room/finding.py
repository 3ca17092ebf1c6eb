"""Rooms and members as pages find them: by an address, by a search, or the one read last."""

from collections.abc import Collection

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Lower

from chat.models import Membership, Room
from chat.names.keys import key_of
from chat.room.access import Reader, readable_by
from chat.room.summaries import people_of_direct
from chat.room.text_search import contains


def find(slug: str, reader: Reader) -> Room | None:
    """Return the room with an address, or None for one that does not exist or may not be read."""
    return Room.objects.filter(readable_by(reader), slug=slug).first()


def last_read(user_id: int) -> Room:
    """Return the room that an account has read last; the lobby if there is none.

    A direct room that the account has left is not shown again.
    """
    mine = Membership.objects.filter(user=user_id, read_at__isnull=False, hidden=False)
    mine = mine.order_by("-read_at")
    newest = mine.select_related("room").first()
    return newest.room if newest else Room.first()


def title(room: Room, user_id: int | None) -> str:
    """Return the name of a room as one of its readers sees it, or staff who are not in it."""
    return titles([room], user_id)[room.pk]


def titles(rooms: Collection[Room], user_id: int | None) -> dict[int, str]:
    """Return {room id: name as one of its readers sees it}.

    A direct room is named after the other people in it; without a reader, after all of them.
    """
    names = {room.pk: room.name for room in rooms}
    direct = {room.pk: room for room in rooms if room.kind == Room.Kind.DIRECT}
    people: dict[int, list[str]] = {pk: [] for pk in direct}
    if direct:
        others = Membership.objects.filter(room__in=direct).exclude(user=user_id)
        for pk, name in others.values_list("room", "user__username"):
            people[pk].append(name)
    for pk, room in direct.items():
        readers = 0 if user_id is None else 1
        names[pk] = ", ".join(people_of_direct(room.people_key or "", people[pk], readers))
    return names


def open_rooms(user_id: int, search: str = "") -> QuerySet[Room]:
    """Return the open rooms that are in use, by name. Each word of `search` must be found in them.

    Each room has `members`, their number, and `joined`: whether the account is one of them.
    Everybody is in the lobby.
    """
    members = Membership.objects.filter(room=OuterRef("pk")).order_by().values("room")
    rooms = Room.objects.filter(
        readable_by(Reader(user_id)), kind=Room.Kind.OPEN, archived=False
    ).annotate(
        members=Coalesce(Subquery(members.values(count=Count("pk"))), Value(0)),
        joined=Q(Exists(Membership.objects.filter(room=OuterRef("pk"), user=user_id)))
        | Q(pk=Room.first().pk),
    )
    for word in search.split():
        rooms = rooms.filter(contains("name", word) | contains("topic", word))
    return rooms.order_by(Lower("name"), "pk")


def members(room: Room, reader: Reader, search: str = "") -> QuerySet[Membership]:
    """Return the members of a room, by role and name, if somebody may read the room.

    `search` is a part of a name, or characters that look the same.
    """
    found = Membership.objects.filter(room__in=Room.objects.filter(readable_by(reader), pk=room.pk))
    if key := key_of(search):
        found = found.filter(Q(user__key__contains=key) | contains("user__username", search))
    # The roles are in this order also as words: owner, moderator, member.
    return found.select_related("user").order_by(F("role").desc(), Lower("user__username"))


def readable(room_ids: Collection[int], user_id: int) -> set[int]:
    """Return the ids of those of some rooms that an account may read."""
    rooms = Room.objects.filter(readable_by(Reader(user_id)), pk__in=room_ids)
    return set(rooms.values_list("pk", flat=True))
