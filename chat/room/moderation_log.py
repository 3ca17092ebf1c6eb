"""The log of moderation. Each change is recorded in the transaction that makes it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from chat.models import Connection, ModerationEntry, Room, User
from chat.models.moderation import MAX_REASON
from chat.names.rooms import one_line
from chat.room.ranks import Authority, authority_of
from chat.room.refusal import RefusalCode, Refused
from chat.room.targets import Target

Action = ModerationEntry.Action
Door = ModerationEntry.Door
NOBODY = Target("")
DOORS = {Connection.Door.WEB: Door.PAGE, Connection.Door.LEGACY: Door.TEXT}
LOOKS_TOGETHER = timedelta(hours=1)


class Moderator(NamedTuple):
    """The person who acts, and from which door. The operator at the command line has no account.

    Guests have none either: `guest` is the name of one, who can do nothing but report.
    """

    user: User | None
    door: ModerationEntry.Door
    address: str = ""
    guest: str = ""

    @property
    def name(self) -> str:
        return self.guest if self.user is None else self.user.username

    @property
    def user_id(self) -> int | None:
        return None if self.user is None else self.user.pk

    @property
    def is_operator(self) -> bool:
        return self.user is None and self.door == Door.COMMAND

    def authority(self, room_id: int | None = None) -> Authority:
        """Return the rank with which the person acts, in a room or on the site."""
        if self.is_operator:
            return Authority.OPERATOR
        return authority_of(self.user, room_id, everywhere=self.acts_everywhere)

    @property
    def acts_everywhere(self) -> bool:
        """Whether administrators act in private rooms too: from the admin and the command line."""
        return self.door in (Door.ADMIN, Door.COMMAND)

    @property
    def sees_everything(self) -> bool:
        """Whether the person also decides about private rooms that they are not in."""
        is_superuser = self.user is not None and self.user.is_superuser
        return self.is_operator or (is_superuser and self.acts_everywhere)


def on_page(user: User) -> Moderator:
    """Return an account that acts from a page, as somebody who moderates."""
    return Moderator(user, Door.PAGE)


def of_connection(connection_id: int) -> Moderator:
    """Return the person behind a connection of an account. Raises `Refused` if it is gone."""
    found = of_connections([connection_id])
    if connection_id not in found:
        raise Refused(RefusalCode.NOT_IN_ROOM)
    return found[connection_id]


def of_connections(connection_ids: Iterable[int]) -> dict[int, Moderator]:
    """Return {connection: person behind it} of those connections of accounts that are there."""
    found = Connection.objects.select_related("presence__user").filter(pk__in=list(connection_ids))
    return {
        each.pk: Moderator(each.presence.user, DOORS[Connection.Door(each.door)], each.address)
        for each in found
    }


def check_authority(moderator: Moderator, least: Authority, room_id: int | None = None) -> None:
    """Raise `Refused` if the rank of a moderator is lower than `least`."""
    if moderator.authority(room_id) < least:
        raise Refused(RefusalCode.NOT_ALLOWED)


def record(
    moderator: Moderator,
    action: ModerationEntry.Action,
    target: Target = NOBODY,
    room: Room | None = None,
    *,
    seq: int | None = None,
    until: datetime | None = None,
    reason: str = "",
    detail: str = "",
    undoes: int | None = None,
) -> ModerationEntry:
    """Add an entry to the log, and return it. Raises `Refused` for a reason that is too long."""
    new = entry(
        moderator,
        action,
        target,
        room,
        reason=reason,
        detail=detail,
        seq=seq,
        until=until,
        undoes=undoes,
    )
    new.save(force_insert=True)
    return new


def add(entries: Iterable[ModerationEntry]) -> None:
    """Add new entries to the log in one statement."""
    ModerationEntry.objects.bulk_create(entries)


def entry(
    moderator: Moderator,
    action: ModerationEntry.Action,
    target: Target = NOBODY,
    room: Room | None = None,
    *,
    reason: str = "",
    detail: str = "",
    **fields: Any,
) -> ModerationEntry:
    """Return an entry that is not in the log yet, with other `fields` as `record` has them."""
    return ModerationEntry(
        at=timezone.now(),
        door=moderator.door,
        action=action,
        by=moderator.name,
        by_id=moderator.user_id,
        by_address=moderator.address,
        target=target.name,
        target_key=target.key,
        target_id=_id_of(target.user),
        network=target.network,
        room_id=_id_of(room),
        room=_name_of(room),
        reason=clean_reason(reason),
        detail=clean_text(detail)[:MAX_REASON],
        **fields,
    )


def clean_reason(reason: str) -> str:
    """Return a text that a moderator or somebody who asks for something has written, as one line.

    What could change the look of other lines is blank: control characters, NUL and those that
    reorder what stands around them. Raises `Refused` for one that is too long.
    """
    reason = clean_text(reason)
    if len(reason) > MAX_REASON:
        raise Refused(RefusalCode.TOO_LONG)
    return reason


def clean_text(text: str) -> str:
    """Return a text as one line that every database can store, of any length."""
    return one_line(text.encode(errors="replace").decode())


def record_look(moderator: Moderator, detail: str) -> None:
    """Add an entry for a look into private rooms, unless there is the same one of the last hour."""
    since = timezone.now() - LOOKS_TOGETHER
    mine = ModerationEntry.objects.filter(by_id=moderator.user_id, at__gt=since)
    if not mine.filter(action=Action.LOOK, detail=detail).exists():
        record(moderator, Action.LOOK, detail=detail)


def _name_of(room: Room | None) -> str:
    """Return the name of a room. A direct one has none, and its address would say nothing."""
    if room is None:
        return ""
    return "a direct room" if room.kind == Room.Kind.DIRECT else str(room)


def _id_of(row: User | Room | None) -> int | None:
    return None if row is None else row.pk
