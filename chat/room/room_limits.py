"""The limits that a room has for everybody but its moderators: the lock, and slow mode."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.db import connection
from django.db.models import DateTimeField

from chat.models import Message, Room, Rule
from chat.room import asked, roles
from chat.room.log import MESSAGE_TABLE
from chat.room.refusal import RefusalCode, Refused
from chat.room.speakers import Speaker

Kind = Message.Kind
Pair = tuple[int, Speaker]  # a room, and somebody who is about to speak there

SLOW = asked.table("slow", "room_id", "cutoff", texts=["cutoff"])
CUTOFF = {"postgresql": "slow.cutoff::timestamptz", "sqlite": "slow.cutoff"}
# The times at which people last spoke in slow rooms, after slow mode began and after `cutoff`. Both
# inner queries end early by the index of the kinds. The messages after them are few, because slow
# mode holds for them.
LAST_SAID = f"""
    SELECT said.room_id, said.name, MAX(said.at)
    FROM (
        SELECT slow.room_id, {{cutoff}} AS cutoff, COALESCE((
            SELECT begun.seq FROM {MESSAGE_TABLE} AS begun
            WHERE begun.room_id = slow.room_id AND begun.kind = '{Kind.RULES.value}'
                AND begun.text LIKE '{Rule.SLOW.value} %%'
            ORDER BY begun.seq DESC LIMIT 1
        ), 0) AS begin
        FROM {{slow}}
    ) AS since
    JOIN {MESSAGE_TABLE} AS said
        ON said.room_id = since.room_id AND said.kind = '{Kind.SAID.value}'
        AND said.seq > COALESCE((
            SELECT earlier.seq FROM {MESSAGE_TABLE} AS earlier
            WHERE earlier.room_id = since.room_id AND earlier.kind = '{Kind.SAID.value}'
                AND earlier.seq > since.begin AND earlier.at <= since.cutoff
            ORDER BY earlier.seq DESC LIMIT 1
        ), since.begin)
    GROUP BY said.room_id, said.name
"""


class RoomLimits:
    """The limits of the locked `rooms` for those who are about to speak there in one transaction.

    Nothing is read for rooms without limits, and each of both statements at most once.
    """

    def __init__(
        self, rooms: Mapping[int, Room], speaking: Collection[Pair], now: datetime
    ) -> None:
        self._rooms = rooms
        self._speaking = speaking
        self._now = now
        self._spoken: dict[tuple[int, str], datetime] = {}  # in this transaction

    def refusal(self, room: Room, speaker: Speaker) -> Refused | None:
        """Return why somebody may not speak in a room now, or None."""
        if room.locked and not self.moderates(room, speaker):
            return Refused(RefusalCode.LOCKED)
        if room.slow_seconds and (wait := self._wait(room, speaker)) > 0:
            return None if self.moderates(room, speaker) else _too_soon(wait)
        return None

    def note(self, room: Room, speaker: Speaker) -> None:
        """Take into account that somebody has spoken."""
        if room.slow_seconds:
            self._spoken[room.pk, speaker.name] = self._now

    def moderates(self, room: Room, speaker: Speaker) -> bool:
        """Return whether somebody does in a room what moderators do."""
        return (speaker.user_id, room.pk) in self._moderating

    @cached_property
    def _moderating(self) -> set[tuple[int, int]]:
        pairs = {
            (speaker.user_id, room_id)
            for room_id, speaker in self._speaking
            if speaker.user_id is not None and room_id in self._rooms
        }
        return roles.moderating(pairs) if pairs else set()

    def _wait(self, room, speaker):
        """Return the seconds until somebody may speak again."""
        place = room.pk, speaker.name
        last = self._spoken.get(place) or self._last_said.get(place)
        if last is None:
            return 0
        return room.slow_seconds - (self._now - last).total_seconds()

    @cached_property
    def _last_said(self) -> dict[tuple[int, str], datetime]:
        vendor = connection.vendor
        slow = [
            (room.pk, _adapt(self._now - timedelta(seconds=room.slow_seconds)))
            for room in self._rooms.values()
            if room.slow_seconds
        ]
        statement = LAST_SAID.format(slow=SLOW[vendor], cutoff=CUTOFF[vendor])
        with connection.cursor() as cursor:
            cursor.execute(statement, asked.arguments(slow))
            return {(room_id, name): _time(at) for room_id, name, at in cursor.fetchall()}


def _too_soon(wait):
    return Refused(RefusalCode.TOO_SOON, wait=wait)


def _adapt(time):
    """Return a time as text, in the form in which the database has or reads times."""
    return str(DateTimeField().get_db_prep_value(time, connection))


def _time(value):
    """Return a time that a statement has returned; SQLite returns the text."""
    if isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value).replace(tzinfo=UTC)
