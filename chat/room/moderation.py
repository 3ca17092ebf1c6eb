"""Moderation of people: mute, kick and ban, and their ends.

Each action is one transaction with its entry in the log of moderation. It locks the lobby and the
rooms in which the people can speak, so that nothing of theirs follows its line. The processes that
hold their connections are told by a ring. All functions raise `Refused`.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chat.models import Line, Membership, Message, Presence, Room, Sanction, Visit
from chat.room import (
    changes,
    log,
    membership,
    moderation_log,
    presence,
    restraints,
    succession,
    visits,
)
from chat.room.durations import LONGEST
from chat.room.lifting import LIFTING, liftable, unliftable
from chat.room.moderation_entries import seen_of
from chat.room.moderation_log import Action, Moderator, clean_reason
from chat.room.moderation_notices import OPERATOR, began, ended
from chat.room.moderation_rules import check, lock_place, may_moderate, offered
from chat.room.refusal import RefusalCode, Refused
from chat.room.roles import lock_room
from chat.room.sanctions import active, of_target
from chat.room.targets import Target

Kind = Sanction.Kind

KICKED_FOR = timedelta(minutes=10)  # unless the moderator says how long
MAX_REMAINING = 20  # in rooms; nobody reads more
ENDS = {Kind.MUTE: Action.UNMUTE, Kind.KICK: Action.UNKICK, Kind.BAN: Action.UNBAN}

__all__ = ["ban", "kick", "lift", "may_moderate", "mute", "offered", "unban", "unmute"]


# Beginning


def mute(
    moderator: Moderator,
    target: Target,
    room_id: int | None = None,
    duration: timedelta | None = None,
    reason: str = "",
) -> Sanction:
    """Keep people from speaking in a room or on the site, for a while or for good.

    They may read. In the lobby it means the whole site when a site moderator does it.
    """
    return _begin(Kind.MUTE, moderator, target, room_id, duration, reason)


def kick(
    moderator: Moderator,
    target: Target,
    room_id: int | None = None,
    duration: timedelta | None = None,
    reason: str = "",
) -> Sanction:
    """Put people out of a room or of the site, for ten minutes unless a time is given.

    In the lobby it means the site.
    """
    return _begin(Kind.KICK, moderator, target, room_id, duration or KICKED_FOR, reason)


def ban(
    moderator: Moderator,
    target: Target,
    room_id: int | None = None,
    duration: timedelta | None = None,
    reason: str = "",
) -> Sanction:
    """Put people out of a room or of the site, for a while or for good.

    In the lobby it means the site.
    """
    return _begin(Kind.BAN, moderator, target, room_id, duration, reason)


@transaction.atomic
def _begin(kind, moderator, target, room_id, duration, reason):
    reason, action = clean_reason(reason), Action(kind.value)
    if duration is not None and not timedelta(0) < duration <= LONGEST:
        raise Refused(RefusalCode.BAD_DURATION)
    room = lock_place(moderator, action, room_id)
    check(moderator, action, room, target)
    now = timezone.now()
    _replace(kind, moderator, target, room, now)
    sanction = Sanction.objects.create(
        kind=kind,
        room=room,
        user=target.user,
        key="" if target.user else target.key,
        network=target.network,
        name=target.name,
        since=now,
        until=None if duration is None else now + duration,
        reason=reason,
        by=moderator.name,
    )
    moderation_log.record(moderator, action, target, room, until=sanction.until, reason=reason)
    people = restraints.people_of(sanction)
    restraints.add((person.pk, sanction) for person in people)
    if kind == Kind.MUTE:
        _silence(people, room)
    elif room is None:
        presence.end(log.lock_lobby(), restraints.connections_of(sanction))
    else:
        _put_out(moderator, target, room, people)
    tell(room, target, began(sanction, target, duration))
    _announce(target, people)
    return sanction


def _replace(kind, moderator, target, room, now):
    """End the sanctions of this kind that the new one takes the place of."""
    replaced = list(_of(target).filter(kind=kind, room=room))
    if len(liftable(moderator, replaced)) < len(replaced):
        raise Refused(RefusalCode.NOT_ALLOWED)
    Sanction.objects.filter(pk__in=[each.pk for each in replaced]).update(
        lifted=now, lifted_by=moderator.name
    )


def _of(target):
    return active().filter(of_target(user=target.user, key=target.key, network=target.network))


def _silence(people, room):
    """Wait until nothing is being said by people who are muted on the site.

    A transaction that says something has locked its room before it looks for sanctions. Those that
    lock it later see the mute. An account joins an open room by speaking there, so all open rooms
    are among them if one of the people has an account. Nobody comes into another room meanwhile,
    and no other room is opened, because that takes the lock of the lobby.
    """
    if room is None and people:
        members = Membership.objects.filter(user__presence__in=people)
        visited = Visit.objects.filter(presence__in=people)
        joins = any(person.user_id is not None for person in people)
        may_join = Room.objects.filter(kind=Room.Kind.OPEN) if joins else Room.objects.none()
        log.lock_many(
            {
                *members.values_list("room", flat=True),
                *visited.values_list("room", flat=True),
                *may_join.values_list("pk", flat=True),
            }
        )


def _put_out(moderator, target, room, people):
    """End the membership and the visits of people in a locked room.

    A sanction of a network leaves accounts members of the room, since others may use it too.
    """
    by = moderator.name or OPERATOR
    visits.end_in(room, people, by)
    if target.user is not None:
        membership.end(room, target.user, by)
        log.append(room, succession.succeed(room))


def tell(room: Room | None, target: Target, sentence: str) -> None:
    """Tell a locked room what a moderator has done, or the lobby without one, if that is set there.

    Nothing is told of networks.
    """
    room = Room.objects.get(pk=log.lock_lobby().pk) if room is None else room
    if room.tells_moderation and not room.archived and not target.network:
        log.append(room, [_notice(target, sentence)])


def _notice(target: Target, sentence: str) -> Line:
    """Return the line that tells a room what a moderator has done to somebody."""
    return Line(
        kind=Message.Kind.NOTICE.value,
        name=target.name,
        at=timezone.now(),
        text=sentence,
        author_id=None if target.user is None else target.user.pk,
        guest=target.user is None,
    )


def _announce(target: Target, people: Iterable[Presence]) -> None:
    """Let the processes read the rooms of accounts again."""
    user_ids = {person.user_id for person in people if person.user_id is not None}
    if target.user is not None:
        user_ids.add(target.user.pk)
    for user_id in user_ids:
        changes.announce_account(user_id)


# Ending


class Ended(NamedTuple):
    """The sanctions that were lifted, and those of their kinds that still hold there.

    The latter are those that the moderator sees: of a higher rank, or on the whole site. Beside
    those of the site they are also those in rooms that the moderator may not lift.
    """

    lifted: list[Sanction]
    remaining: list[Sanction]


@transaction.atomic
def lift(moderator: Moderator, sanction_id: int) -> Sanction:
    """End a sanction. It is refused with `DECIDED` when it has ended already."""
    found = Sanction.objects.filter(pk=sanction_id).values_list("room", flat=True)
    if not found:
        raise Refused(RefusalCode.NO_SUCH_ENTRY)
    log.lock_lobby()
    room_id = found[0]
    room = None if room_id is None else lock_room(room_id)
    sanction = Sanction.objects.select_related("user", "room").get(pk=sanction_id)
    target = Target(sanction.name, sanction.user, sanction.key, sanction.network)
    check(moderator, LIFTING[Kind(sanction.kind)], room, target)
    if not active().filter(pk=sanction_id).exists():
        raise Refused(RefusalCode.DECIDED)
    allowed = liftable(moderator, [sanction])
    if not allowed:
        raise Refused(RefusalCode.NOT_ALLOWED)
    _end(moderator, room, target, [sanction], allowed)
    return sanction


def unmute(moderator: Moderator, target: Target, room_id: int | None = None) -> Ended:
    """Let people speak again in a room or on the site, as far as the moderator may."""
    return _end_all(moderator, Action.UNMUTE, target, room_id, [Kind.MUTE])


def unban(moderator: Moderator, target: Target, room_id: int | None = None) -> Ended:
    """Let people come back who were banned or kicked, as far as the moderator may."""
    return _end_all(moderator, Action.UNBAN, target, room_id, [Kind.KICK, Kind.BAN])


@transaction.atomic
def _end_all(moderator, action, target, room_id, kinds):
    room = lock_place(moderator, action, room_id)
    check(moderator, action, room, target)
    held = _of(target).filter(kind__in=kinds)
    found = list(held.filter(room=room))
    if room is None and room_id is not None:  # in the lobby, where others mute in the lobby alone
        found += held.filter(room=log.lock_lobby().pk)
    if not found:
        raise Refused(RefusalCode.NO_SUCH_ENTRY)
    allowed = liftable(moderator, found)
    if not allowed:
        raise Refused(RefusalCode.NOT_ALLOWED)
    lifted = [each for each in found if each.pk in allowed]
    _end(moderator, room, target, lifted, allowed)
    others = [each for each in found if each.pk not in allowed]
    if room is None:  # what the moderator may lift in a room is not meant
        elsewhere = seen_of(moderator, held.exclude(room=None)[:MAX_REMAINING])
        others += unliftable(moderator, elsewhere)
    else:
        others += held.filter(room=None)
    return Ended(lifted, seen_of(moderator, list(dict.fromkeys(others))))


def _end(moderator, room, target, sanctions, entries):
    """End sanctions; `entries` say that they began."""
    now = timezone.now()
    for sanction in sanctions:
        entry = entries[sanction.pk]
        sanction.lifted, sanction.lifted_by = now, moderator.name
        sanction.save(update_fields=["lifted", "lifted_by"])
        moderation_log.record(
            moderator,
            ENDS[Kind(sanction.kind)],
            target,
            sanction.room,
            undoes=None if entry is None else entry.pk,
        )
    people = restraints.people_of(sanctions[0])
    if not _still_holds(sanctions[0].kind, target, room):
        tell(room, target, ended(sanctions[0], target))
    _announce(target, people)


def _still_holds(kind, target, room):
    """Return whether another sanction holds where it would be told that one has ended."""
    alike = [each for each in Kind if LIFTING[each] == LIFTING[kind]]
    place = log.lock_lobby() if room is None else room
    return _of(target).filter(Q(room=None) | Q(room=place.pk), kind__in=alike).exists()
