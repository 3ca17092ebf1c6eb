"""Lifting sanctions: which entry says that one began, and which of a list somebody may lift.

`moderation.lift` ends one.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from chat.models import ModerationEntry, Room, Sanction, User
from chat.room.moderation_log import Action, Door, on_page
from chat.room.moderation_rules import may_undo, offered_on, sees_addresses
from chat.room.ranks_of_many import RanksOfMany

Kind = Sanction.Kind

LIFTING = {Kind.MUTE: Action.UNMUTE, Kind.KICK: Action.UNBAN, Kind.BAN: Action.UNBAN}
# A sanction and its entry are saved in one transaction, with the times at which each was made.
RECORDED_WITHIN = timedelta(minutes=10)


def entries_of(found: Sequence[Sanction]) -> dict[int, ModerationEntry | None]:
    """Return {sanction id: the entry that says that it began}. One statement reads them."""
    alike: dict[object, list[ModerationEntry]] = {}
    for entry in _entries_near(found):
        alike.setdefault((entry.action, entry.room_id, entry.target, entry.until), []).append(entry)
    began = {}
    for each in found:
        similar = alike.get((each.kind, each.room_id, each.name, each.until), ())
        later = (entry for entry in similar if entry.at >= each.since)
        began[each.pk] = min(later, key=lambda entry: entry.pk, default=None)
    return began


def _entries_near(found: Sequence[Sanction]) -> Iterable[ModerationEntry]:
    """Return the entries about the targets of sanctions from the times at which they began.

    The log is kept for good. Each sanction has a SELECT of its own, which the index of the times
    serves. SQLite would read the whole log for several ranges in one condition, and all mutes if
    the condition named the action, which has an index too.
    """
    near = [
        ModerationEntry.objects.filter(
            at__range=(each.since, each.since + RECORDED_WITHIN), target=each.name
        )
        for each in found
    ]
    return near[0].union(*near[1:], all=True) if near else ()


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
