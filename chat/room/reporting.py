"""Reporting messages and people to the moderators of a room; `reports` says who decides about them.

A report keeps the message and some before it as they were shown at that time.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chat.models import Connection, Line, Message, ModerationEntry, Presence, Report, Room, User
from chat.names.keys import key_of
from chat.room import access, log, moderation_log, targets
from chat.room.access import Reader
from chat.room.actions import Actor
from chat.room.moderation_log import DOORS, Moderator, clean_reason
from chat.room.refusal import RefusalCode, Refused
from chat.room.targets import Target

Kind = Message.Kind
State = Report.State

MOST_REPORTS = 5  # of one person in `WINDOW`
WINDOW = timedelta(minutes=10)
MOST_OPEN = 500  # in one room; those of guests, who can take many names, fill a part of it only
MOST_OPEN_OF_GUESTS = 100
CONTEXT = 6  # messages: the reported one and those before it, or the newest ones of the person
CONTEXT_TEXT = 1000  # characters of each of them
LOOKED_THROUGH = 200  # newest messages with a name, among which those of one room are looked for


class Reporter(NamedTuple):
    """The person who reports: an account, or a guest without `user`, and from which door.

    `presence_id` is the presence of a guest, who is told of the decision while it lasts.
    """

    user: User | None
    name: str
    door: ModerationEntry.Door
    address: str = ""
    presence_id: int | None = None

    @property
    def key(self) -> str:
        return key_of(self.name) if self.user is None else self.user.key

    @property
    def reader(self) -> Reader:
        return Reader(None if self.user is None else self.user.pk)

    @property
    def own(self) -> Q:
        """The condition on `Report` for the reports of this person."""
        if self.user is None:
            return Q(reporter=None, reporter_key=self.key)
        return Q(reporter=self.user)

    @property
    def moderator(self) -> Moderator:
        """The person as the log of moderation names them."""
        guest = self.name if self.user is None else ""
        return Moderator(self.user, self.door, self.address, guest)


def report_as(
    actor: Actor, room_id: int, seq: int | None, person: Target | str | None, why: str
) -> Report:
    """Report as the person behind a connection; `person` can be a target as it was typed."""
    stay = Connection.objects.filter(pk=actor.connection_id).select_related("presence").first()
    if stay is None:
        raise Refused(RefusalCode.NOT_IN_ROOM)
    account = None if actor.user_id is None else actor.account()
    reporter = Reporter(
        account,
        stay.presence.name,
        DOORS[Connection.Door(stay.door)],
        stay.address,
        presence_id=stay.presence_id if account is None else None,
    )
    if isinstance(person, str):
        person = person_named(person)
    return report(reporter, room_id, seq, person, why)


def person_named(name: str) -> Target:
    """Return the person with a name, who need not exist. Raises `Refused`."""
    try:
        return targets.find(name)
    except Refused:  # it looks like a network, for example
        raise Refused(RefusalCode.NO_SUCH_PERSON) from None


@transaction.atomic
def report(
    reporter: Reporter, room_id: int, seq: int | None, person: Target | None, why: str
) -> Report:
    """Report a message of a room, or a person without `seq`. Reporting again changes nothing.

    Raises `Refused`: for what the reporter may not read or does not exist, for oneself, for a `why`
    that is too long, and for too many reports, with the seconds to wait.
    """
    why = clean_reason(why)
    room = _lock_readable(room_id, reporter)
    message = None if seq is None else _message(room, seq)
    target = _target(room, person) if message is None else targets.of_author(message)
    if target.key == reporter.key:
        raise Refused(RefusalCode.NOT_ALLOWED)
    same = Report.objects.filter(reporter.own, room=room, seq=seq, key=target.key, state=State.OPEN)
    if (existing := same.first()) is not None:
        return existing
    _check_number(room, reporter)
    moderation_log.record(
        reporter.moderator, ModerationEntry.Action.REPORT, target, room, seq=seq, reason=why
    )
    return Report.objects.create(
        room=room,
        seq=seq,
        user=target.user,
        name=target.name,
        key=target.key,
        reporter=reporter.user,
        reporter_name=reporter.name,
        reporter_key=reporter.key,
        reporter_presence=reporter.presence_id,
        why=why,
        context=_context(room, seq, target, reporter),
        at=timezone.now(),
    )


def _lock_readable(room_id, reporter):
    """Lock a room, so that two equal reports become one. Raises `Refused` if it is not readable."""
    if room_id not in log.lock_many([room_id]) or not access.may_read(room_id, reporter.reader):
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    return Room.objects.get(pk=room_id)


def _message(room, seq):
    found = Message.objects.filter(room=room, seq=seq, kind=Kind.SAID, removed=False).first()
    if found is None:
        raise Refused(RefusalCode.NO_SUCH_MESSAGE)
    return found


def _target(room, person):
    """Return a person as a target if they exist: an account, or a guest who is or was here."""
    if person is None or person.network:
        raise Refused(RefusalCode.NO_SUCH_PERSON)
    is_known = person.user is not None or Presence.objects.filter(key=person.key).exists()
    if not is_known and not _said_by(room, person):
        raise Refused(RefusalCode.NO_SUCH_PERSON)
    return person


def _check_number(room, reporter):
    """Raise `Refused` if there are too many reports of the reporter, or in the room."""
    now = timezone.now()
    recent = Report.objects.filter(reporter.own, at__gt=now - WINDOW).order_by("-at")
    times = list(recent.values_list("at", flat=True)[:MOST_REPORTS])
    if len(times) == MOST_REPORTS:
        wait = (times[-1] + WINDOW - now).total_seconds()
        raise Refused(RefusalCode.TOO_SOON, wait=max(wait, 1))
    waiting = Report.objects.filter(room=room, state=State.OPEN)
    if reporter.user is None:
        is_full = waiting.filter(reporter=None).count() >= MOST_OPEN_OF_GUESTS
    else:
        is_full = waiting.count() >= MOST_OPEN
    if is_full:
        raise Refused(RefusalCode.TOO_SOON, wait=WINDOW.total_seconds())


def _context(
    room: Room, seq: int | None, target: Target, reporter: Reporter
) -> list[dict[str, Any]]:
    if seq is None:
        lines = _said_by(room, target)
    else:
        lines = log.messages_until(room.pk, seq, CONTEXT, reporter.reader)
    return [_shown(line) for line in lines]


def _said_by(room: Room, person: Target) -> Sequence[Line]:
    """Return the newest messages of a person in a room, oldest first."""
    named = Message.objects.filter(name=person.name).order_by("-pk")
    newest = named.values_list("room_id", "pk", "kind", "removed")[:LOOKED_THROUGH]
    ids = [
        pk
        for room_id, pk, kind, removed in newest
        if (room_id, kind) == (room.pk, Kind.SAID) and not removed
    ]
    return Message.objects.filter(pk__in=ids[:CONTEXT]).order_by("pk").lines()


def _shown(line: Line) -> dict[str, Any]:
    words = line.text or ", ".join(file["name"] for file in line.files or ())
    return {
        "seq": line.seq,
        "name": line.name,
        "text": words[:CONTEXT_TEXT],
        "at": line.at.isoformat(),
    }
