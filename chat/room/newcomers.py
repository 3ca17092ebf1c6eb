"""Messages that wait for a moderator before they are said: those of new accounts and of guests.

HOLD_FIRST is the number of messages of a new account that wait. With 0, nothing waits, and nothing
is asked here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from django.utils import timezone

from chat.models import Connection, HeldMessage, Line, Message, Presence, Room
from chat.names.keys import key_of
from chat.room import asked, roles, uploads
from chat.room.known_authors import known
from chat.room.log import MESSAGE_TABLE, ROOM_TABLE
from chat.room.refusal import RefusalCode, Refused
from chat.room.speakers import Speaker

if TYPE_CHECKING:
    from chat.room.transcript import Saying

MAX_WAITING = 20  # messages of one person
# Messages of all guests in one room, since a guest who comes back is another person.
MAX_WAITING_OF_GUESTS = 500
SENT_AGAIN_WITHIN = timedelta(days=7)  # a page that has missed a decision sends its message again

HELD_TABLE = HeldMessage._meta.db_table
Decision = HeldMessage.Decision
Identity = tuple[int, int | None, UUID | None]  # room, account and client id of a saying


class Held(NamedTuple):
    """A saying that waits for a moderator, or that one has refused; `row` tells which.

    `joined` is the line that says that the speaker became a member of the room by speaking.
    """

    row: HeldMessage
    joined: Line | None = None

    @property
    def held_id(self) -> int:
        return self.row.pk

    @property
    def is_refused(self) -> bool:
        return self.row.decision == Decision.REFUSED


class Newcomer(NamedTuple):
    """A person whose messages wait in a room. An account has no `presence_id` here."""

    presence_id: int | None
    waiting: int  # messages
    of_guests: int = 0  # messages of all guests that wait in the room


class Newcomers:
    """The newcomers among the speakers of one transaction, and what they say.

    `people` has them by room and connection. `earlier` are sayings that a moderator has not
    released, and that are repeated now.
    """

    def __init__(
        self,
        people: Mapping[tuple[int, int], Newcomer],
        earlier: Mapping[Identity, HeldMessage],
    ) -> None:
        self._people = people
        self._rows: dict[Identity, HeldMessage] = {**earlier}
        self._new: list[HeldMessage] = []
        self._files: list[str] = []

    def repeated(self, identity: Identity) -> Held | None:
        """Return what became of a saying that is repeated, if a moderator has not released it."""
        row = self._rows.get(identity)
        return None if row is None else Held(row)

    def hold(self, saying: "Saying", speaker: Speaker, now: datetime) -> Held | Refused | None:
        """Let a `Saying` of a newcomer wait. Returns None for everybody else."""
        newcomer = self._people.get((saying.room_id, saying.connection_id))
        if newcomer is None:
            return None
        is_guest = speaker.user_id is None
        if newcomer.waiting + len(self._new_of(speaker)) >= MAX_WAITING:
            return Refused(RefusalCode.TOO_MANY_HELD)
        if is_guest and newcomer.of_guests + self._new_guests(saying) >= MAX_WAITING_OF_GUESTS:
            return Refused(RefusalCode.TOO_MANY_HELD)
        # Pages recognize a message of their account by its client id, so each has one.
        client_id = saying.client_id or (None if is_guest else uuid4())
        row = HeldMessage(
            room_id=saying.room_id,
            user_id=speaker.user_id,
            presence_id=newcomer.presence_id,
            name=speaker.name,
            key=key_of(speaker.name),
            client_id=client_id,
            text=saying.text,
            reply=saying.reply,
            files=list(saying.files),
            at=now,
        )
        self._new.append(row)
        self._files += saying.files
        if client_id is not None:
            self._rows[saying.room_id, speaker.user_id, client_id] = row
        return Held(row)

    def _new_of(self, speaker):
        person = speaker.user_id, speaker.name
        return [row for row in self._new if (row.user_id, row.name) == person]

    def _new_guests(self, saying):
        return sum((row.user_id, row.room_id) == (None, saying.room_id) for row in self._new)

    def save(self) -> None:
        """Save what waits now."""
        if self._new:
            HeldMessage.objects.bulk_create(self._new)
        if self._files:
            uploads.hold(self._files)


NOBODY = Newcomers({}, {})


# One account each. PostgreSQL knows of a literal id how often it occurs. It would take the id of a
# row for an average one, and perhaps look for the messages of a new account in the whole log.
COUNT = f"""
    SELECT %s, (SELECT COUNT(*) FROM (
        SELECT 1 FROM {MESSAGE_TABLE} AS said
        JOIN {ROOM_TABLE} AS room ON room.id = said.room_id
        WHERE said.author_id = %s AND said.kind = '{Message.Kind.SAID.value}' AND NOT said.removed
            AND room.kind = '{Room.Kind.OPEN.value}' AND said.room_id NOT IN (
                SELECT own.room_id FROM {MESSAGE_TABLE} AS own
                WHERE own.author_id = %s
                    AND own.kind IN ('{Message.Kind.CREATED.value}', '{Message.Kind.ROLE.value}')
            )
        LIMIT %s
    ) AS counted), EXISTS (
        SELECT 1 FROM {HELD_TABLE} AS held
        WHERE held.user_id = %s AND held.decision <> '{Decision.RELEASED.value}' AND held.at > %s
    )
"""
COUNTED_AT_ONCE = 100  # accounts in one statement
# A client id is a text here, since the tables of `asked` have numbers and texts alone.
ASKED = asked.table("saying", "place", "room_id", "connection_id", "client_id", texts=["client_id"])
CLIENT_ID = {"postgresql": "CAST(saying.client_id AS uuid)", "sqlite": "saying.client_id"}
FIND = f"""
    SELECT saying.place, presence.id,
        (SELECT COUNT(*) FROM {HELD_TABLE} AS waiting
            WHERE waiting.decision = '{Decision.WAITING.value}' AND (
                waiting.user_id = presence.user_id
                OR presence.user_id IS NULL AND waiting.presence_id = presence.id
            )),
        CASE WHEN presence.user_id IS NULL THEN (
            SELECT COUNT(*) FROM {HELD_TABLE} AS waiting
            WHERE waiting.decision = '{Decision.WAITING.value}'
                AND waiting.user_id IS NULL AND waiting.room_id = saying.room_id
        ) ELSE 0 END,
        held.id, held.decision, held.reason
    FROM {{asked}}
    JOIN {Connection._meta.db_table} AS connection ON connection.id = saying.connection_id
    JOIN {Presence._meta.db_table} AS presence ON presence.id = connection.presence_id
    LEFT JOIN {HELD_TABLE} AS held ON held.room_id = saying.room_id
        AND held.user_id = presence.user_id AND held.client_id = {{client_id}}
        AND held.decision <> '{Decision.RELEASED.value}'
"""


class Found(NamedTuple):
    """A row of `FIND`: the person, and their earlier saying with the same client id."""

    place: int
    presence_id: int
    waiting: int  # messages
    of_guests: int  # the same of all guests in the room
    held_id: int | None
    decision: str | None
    reason: str | None


def find(
    sayings: "Sequence[Saying]", speakers: Sequence[Speaker], rooms: Mapping[int, Room]
) -> Newcomers:
    """Return the newcomers among the speakers of some `Saying`s, whose `rooms` are locked.

    Newcomers are guests, and accounts with fewer than HOLD_FIRST messages that are still there.
    Only messages in open rooms in which the account never had a role count: others did not wait,
    so strangers could say them to avoid the moderators.
    """
    if not settings.HOLD_FIRST:
        return NOBODY
    places = [
        place
        for place, (saying, speaker) in enumerate(zip(sayings, speakers, strict=True))
        if _may_wait(rooms.get(saying.room_id), speaker)
    ]
    new = _new_accounts({speakers[place].user_id for place in places} - {None})
    places = [place for place in places if speakers[place].user_id not in known]
    if not places:
        return NOBODY
    people: dict[int, Newcomer] = {}
    earlier: dict[Identity, HeldMessage] = {}
    for found in _read(sayings, places):
        saying, user_id = sayings[found.place], speakers[found.place].user_id
        if found.held_id is not None:
            row = HeldMessage(pk=found.held_id, decision=found.decision, reason=found.reason)
            row.room_id, row.client_id = saying.room_id, saying.client_id
            earlier[saying.room_id, user_id, saying.client_id] = row
        if user_id is None:
            people[found.place] = Newcomer(found.presence_id, found.waiting, found.of_guests)
        elif user_id in new:
            people[found.place] = Newcomer(None, found.waiting)
    return Newcomers(_without_moderators(people, sayings, speakers), earlier)


def _may_wait(room, speaker):
    if room is None or not speaker.name or speaker.seq is not None:
        return False
    return room.kind != Room.Kind.DIRECT and speaker.user_id not in known


def _new_accounts(user_ids):
    """Return those of some accounts that are new.

    The others are `known` from now on, unless they may send a message again that was not released.
    """
    ordered, new = sorted(user_ids), set()
    since = connection.ops.adapt_datetimefield_value(timezone.now() - SENT_AGAIN_WITHIN)
    for start in range(0, len(ordered), COUNTED_AT_ONCE):
        some = ordered[start : start + COUNTED_AT_ONCE]
        with connection.cursor() as cursor:
            arguments = [(pk, pk, pk, settings.HOLD_FIRST, pk, since) for pk in some]
            cursor.execute(" UNION ALL ".join([COUNT] * len(some)), sum(arguments, ()))
            for user_id, said, has_unreleased in cursor.fetchall():
                if said < settings.HOLD_FIRST:
                    new.add(user_id)
                elif not has_unreleased:
                    known.add(user_id)
    return new


def _read(sayings, places):
    rows = [
        (place, each.room_id, each.connection_id, each.client_id and each.client_id.hex)
        for place, each in ((place, sayings[place]) for place in places)
    ]
    vendor = connection.vendor
    statement = FIND.format(asked=ASKED[vendor], client_id=CLIENT_ID[vendor])
    with connection.cursor() as cursor:
        cursor.execute(statement, asked.arguments(rows))
        return [Found(*row) for row in cursor.fetchall()]


def _without_moderators(people, sayings, speakers):
    """Return the newcomers by room and connection, without those who moderate their room."""
    pairs = {place: (speakers[place].user_id, sayings[place].room_id) for place in people}
    of_accounts = {pair for pair in pairs.values() if pair[0] is not None}
    moderating = roles.moderating(of_accounts) if of_accounts else set()
    return {
        (sayings[place].room_id, sayings[place].connection_id): newcomer
        for place, newcomer in people.items()
        if pairs[place] not in moderating
    }
