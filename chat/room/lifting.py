"""Lifting sanctions: which entry says that one began, and which of a list somebody may lift.

All actions of `moderation` that end or replace sanctions ask `liftable`, and so do the doors, which
offer what it allows.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from chat.models import ModerationEntry, Room, Sanction, User
from chat.room.moderation_log import Action, Moderator
from chat.room.moderation_rules import may_undo, offered_on, sees_addresses
from chat.room.ranks import Authority
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


def liftable(moderator: Moderator, found: Sequence[Sanction]) -> dict[int, ModerationEntry | None]:
    """Return the sanctions of a list that somebody may lift, or replace, as `entries_of` does.

    A few statements serve all. The rooms and accounts should have been read with the sanctions.
    """
    if not found:
        return {}
    entries = entries_of(found)
    by_ids = {entry.by_id for entry in entries.values() if entry is not None}
    doers = User.objects.in_bulk(by_ids - {None})
    people = [moderator.user, *doers.values(), *(each.user for each in found)]
    ranks = RanksOfMany(people, {each.room for each in found if each.room is not None})
    sees_networks, lobby = sees_addresses(moderator), Room.first()
    return {
        each.pk: entries[each.pk]
        for each in found
        if (sees_networks or not each.network)
        and _may_act(moderator, each, ranks, is_lobby=each.room == lobby)
        and _may_undo(moderator, each, entries[each.pk], doers, ranks)
    }


def unliftable(moderator: Moderator, found: Sequence[Sanction]) -> list[Sanction]:
    """Return the sanctions of a list that somebody may not lift."""
    allowed = liftable(moderator, found)
    return [each for each in found if each.pk not in allowed]


def _may_act(moderator, sanction, ranks, *, is_lobby):
    room = sanction.room
    kind = None if room is None else room.kind
    other = ranks.of(sanction.user, room, everywhere=moderator.acts_everywhere)
    rank = _rank(moderator, room, ranks)
    return LIFTING[sanction.kind] in offered_on(rank, other, kind, is_lobby=is_lobby)


def _may_undo(moderator, sanction, entry, doers, ranks):
    if entry is None:
        return True
    did = Moderator(doers.get(entry.by_id), entry.door)
    by = Authority.GUEST if did.user is None else _rank(did, sanction.room, ranks)
    rank = _rank(moderator, sanction.room, ranks)
    return may_undo(moderator.user_id, rank, entry, by)


def _rank(moderator, room, ranks):
    if moderator.is_operator:
        return Authority.OPERATOR
    return ranks.of(moderator.user, room, everywhere=moderator.acts_everywhere)
