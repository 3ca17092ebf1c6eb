"""Lifting sanctions: which entry says that one began, and which of a list somebody may lift.

`moderation.lift` ends one.
"""

from collections.abc import Sequence

from django.db.models import Q

from chat.models import ModerationEntry, Room, Sanction, User
from chat.room.moderation_log import Action, Door, on_page
from chat.room.moderation_rules import may_undo, offered_on, sees_addresses
from chat.room.ranks_of_many import RanksOfMany

Kind = Sanction.Kind

LIFTING = {Kind.MUTE: Action.UNMUTE, Kind.KICK: Action.UNBAN, Kind.BAN: Action.UNBAN}


def entries_of(found: Sequence[Sanction]) -> dict[int, ModerationEntry | None]:
    """Return {sanction id: the entry that says that it began}. One statement reads them."""
    keys = {_key_of(each) for each in found if not each.network}
    networks = {each.network for each in found if each.network}
    about = Q(target_key__in=keys)
    if networks:
        about |= Q(network__in=networks)
    entries = ModerationEntry.objects.filter(about, action__in=list(LIFTING)).order_by("pk")
    alike: dict[object, list[ModerationEntry]] = {}
    for entry in entries:
        alike.setdefault((entry.action, entry.room_id, entry.target, entry.until), []).append(entry)
    began = {}
    for each in found:
        similar = alike.get((each.kind, each.room_id, each.name, each.until), ())
        began[each.pk] = next((entry for entry in similar if entry.at >= each.since), None)
    return began


def _key_of(sanction):
    return sanction.key if sanction.user is None else sanction.user.key


def liftable(user: User, found: Sequence[Sanction]) -> set[int]:
    """Return the ids of the sanctions of a list that an account may lift.

    A few statements serve all. The rooms and accounts should have been read with the sanctions.
    """
    entries = entries_of(found)
    by_ids = {entry.by_id for entry in entries.values() if entry is not None}
    doers = User.objects.in_bulk(by_ids - {None})
    people = [user, *doers.values(), *(each.user for each in found)]
    ranks = RanksOfMany(people, {each.room for each in found if each.room is not None})
    sees_networks, lobby = sees_addresses(on_page(user)), Room.first()
    return {
        each.pk
        for each in found
        if (sees_networks or not each.network)
        and _may_act(user, each, ranks, is_lobby=each.room == lobby)
        and _may_undo(user, each, entries[each.pk], doers, ranks)
    }


def _may_act(user, sanction, ranks, *, is_lobby):
    room = sanction.room
    kind = None if room is None else room.kind
    rank, other = ranks.of(user, room), ranks.of(sanction.user, room)
    return LIFTING[sanction.kind] in offered_on(rank, other, kind, is_lobby=is_lobby)


def _may_undo(user, sanction, entry, doers, ranks):
    if entry is None:
        return True
    room, doer = sanction.room, doers.get(entry.by_id)
    by = ranks.of(doer, room, everywhere=entry.door == Door.ADMIN)
    return may_undo(user.pk, ranks.of(user, room), entry, by)
