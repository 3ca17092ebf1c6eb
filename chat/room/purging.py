"""Purges: the removal of everything that somebody has said in the last minutes, and its undoing."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chat.models import Membership, Message, ModerationEntry, PurgedMessage, Room, User
from chat.names.keys import key_of
from chat.room import log, moderation_log, removing
from chat.room.editing import RESTORE_MINUTES
from chat.room.moderation import tell
from chat.room.moderation_log import Action, Moderator, clean_reason
from chat.room.moderation_notices import because
from chat.room.moderation_rules import check, check_may_undo, place
from chat.room.ranks import Authority
from chat.room.refusal import RefusalCode, Refused
from chat.room.roles import Role, is_lower, lock_room
from chat.room.targets import Target

Kind = Message.Kind

MAX_MINUTES = 7 * 24 * 60
MAX_PURGED = 2_000  # messages, the newest; the moderator may purge again


@dataclass(frozen=True)
class Purged:
    """A purge: the id of its entry in the log of moderation, and the number of messages."""

    entry_id: int
    count: int


@transaction.atomic
def purge(
    moderator: Moderator, target: Target, room_id: int | None, minutes: int, reason: str = ""
) -> Purged:
    """Remove what somebody has said in the last minutes, in a room or everywhere.

    Everywhere means all rooms in which the moderator outranks the person, also when a site
    moderator names the lobby. Networks have said nothing. Raises `Refused`.
    """
    reason = clean_reason(reason)
    if not 0 < minutes <= MAX_MINUTES:
        raise Refused(RefusalCode.BAD_DURATION)
    if target.network:
        raise Refused(RefusalCode.BAD_TARGET)
    room = place(moderator, Action.PURGE, room_id)
    if room is not None:
        room = lock_room(room.pk)  # so that the rank of the moderator stays as it is
    check(moderator, Action.PURGE, room, target)
    since = timezone.now() - timedelta(minutes=minutes)
    wanted = _said_by(target, since).filter(_purgeable(moderator, target, room))
    rooms = log.lock_many(set(wanted.values_list("room", flat=True)))
    # What was said before the rooms were locked is found too.
    newest = wanted.filter(room__in=rooms).order_by("-pk").values_list("room", "seq")[:MAX_PURGED]
    found: dict[int, list[int]] = {}
    for found_id, seq in newest:
        found.setdefault(found_id, []).append(seq)
    count = sum(map(len, found.values()))
    detail = f"{count} messages of the last {minutes} minutes"
    entry = moderation_log.record(
        moderator, Action.PURGE, target, room, reason=reason, detail=detail
    )
    for found_id, seqs in sorted(found.items()):
        _purge_room(moderator, entry, rooms[found_id], sorted(seqs))
        sentence = f"Messages of {target.name} were removed{because(reason)}"
        tell(Room.objects.get(pk=found_id), target, sentence)
    return Purged(entry.pk, count)


def _said_by(target, since):
    """Return the messages of somebody since a time. A guest has said those under the same key."""
    # The lower bound of the ids spares reading all earlier messages in the index of the kinds.
    recent = Message.objects.filter(at__gte=since).order_by("at")
    first = recent.values_list("pk", flat=True).first()
    if first is None:
        return recent
    said = Message.objects.filter(kind=Kind.SAID, removed=False, pk__gte=first, at__gte=since)
    if target.user is not None:
        return said.filter(author=target.user)
    names = said.filter(guest=True).order_by().values_list("name", flat=True).distinct()
    return said.filter(guest=True, name__in=[name for name in names if key_of(name) == target.key])


def _purgeable(moderator, target, room):
    """Return the condition on messages for the rooms in which a moderator may purge somebody."""
    if room is not None:
        return Q(room=room)
    is_everywhere = moderator.acts_everywhere and moderator.authority() >= Authority.ADMINISTRATOR
    if is_everywhere:
        return Q()
    return Q(room__kind=Room.Kind.OPEN) | Q(room__in=_outranked_in(moderator, target))


def _outranked_in(moderator, target):
    """Return the rooms in which a moderator has a higher role than somebody."""
    mine = _roles(moderator.user)
    theirs = {} if target.user is None else _roles(target.user)
    return [pk for pk, role in mine.items() if is_lower(theirs.get(pk, Role.MEMBER), role)]


def _roles(user):
    """Return {room: role} of the rooms that an account moderates."""
    moderated = Membership.objects.filter(user=user, role__in=(Role.MODERATOR, Role.OWNER))
    return dict(moderated.values_list("room", "role"))


def _purge_room(moderator, entry, room, seqs):
    lines = removing.remove_found(room, seqs, moderator)
    PurgedMessage.objects.bulk_create(
        [PurgedMessage(entry=entry, room=room, seq=each.of, removal=each.seq) for each in lines]
    )


# Undoing


@transaction.atomic
def undo_purge(moderator: Moderator, entry_id: int) -> int:
    """Restore the messages that a purge has removed, and return how many.

    Messages that were restored and removed again meanwhile stay removed. Raises `Refused`: with
    `TOO_LATE` after some minutes, and `DECIDED` if somebody has undone it already.
    """
    purged = PurgedMessage.objects.filter(entry=entry_id)
    rooms = log.lock_many(set(purged.values_list("room", flat=True)))
    entry = ModerationEntry.objects.filter(pk=entry_id, action=Action.PURGE).first()
    if entry is None:
        raise Refused(RefusalCode.NO_SUCH_ENTRY)
    room = None if entry.room_id is None else Room.objects.get(pk=entry.room_id)
    check(moderator, Action.UNPURGE, room, _target_of(entry))
    check_may_undo(moderator, entry.room_id, entry)
    if timezone.now() - entry.at > timedelta(minutes=RESTORE_MINUTES):
        raise Refused(RefusalCode.TOO_LATE)
    if _is_undone(entry):
        raise Refused(RefusalCode.DECIDED)
    counts = [_restore_room(moderator, entry, each) for each in rooms.values()]
    moderation_log.record(
        moderator,
        Action.UNPURGE,
        _target_of(entry),
        room,
        undoes=entry.pk,
        detail=f"{sum(counts)} messages",
    )
    return sum(counts)


def latest_purge(moderator: Moderator, room_id: int | None) -> int | None:
    """Return the entry of the last purge by somebody in a room that can be undone, or None."""
    room = place(moderator, Action.PURGE, room_id)
    since = timezone.now() - timedelta(minutes=RESTORE_MINUTES)
    mine = ModerationEntry.objects.filter(by_id=moderator.user_id, at__gt=since)
    purges = mine.filter(action=Action.PURGE, room_id=None if room is None else room.pk).order_by(
        "-pk"
    )
    return next((entry.pk for entry in purges if not _is_undone(entry)), None)


def _is_undone(entry):
    later = ModerationEntry.objects.filter(action=Action.UNPURGE, pk__gt=entry.pk)
    return later.filter(undoes=entry.pk).exists()


def _target_of(entry: ModerationEntry) -> Target:
    user = None if entry.target_id is None else User.objects.filter(pk=entry.target_id).first()
    return Target(entry.target, user, entry.target_key)


def _restore_room(moderator, entry, room):
    """Restore the messages of a locked room whose last removal was that of the purge."""
    purged = PurgedMessage.objects.filter(entry=entry, room=room)
    removals = dict(purged.values_list("seq", "removal"))
    later = Message.objects.filter(room=room, kind=Kind.REMOVED, seq__gt=max(removals.values()))
    again = set(later.values_list("of", flat=True))
    removed = Message.objects.filter(room=room, kind=Kind.SAID, removed=True)
    messages = list(removed.filter(seq__in=removals.keys() - again).order_by("seq"))
    removing.restore_found(room, messages, moderator)
    return len(messages)
