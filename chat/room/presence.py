"""The people in a room: entering and leaving.

Each change of presence is a line of the room's log, written in the same transaction.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat.models import Connection, Line, Message, Presence, User
from chat.names.guests import NameProblem, claimed_keys, problem_with_guest_name
from chat.names.keys import key_of
from chat.names.reserved import is_reserved
from chat.room import changes, log
from chat.room.refusal import RefusalCode, Refused

Kind = Message.Kind


class Entrant(NamedTuple):
    """A person who asks to enter: an account, or a guest without `user_id`."""

    name: str
    user_id: int | None
    process_id: int
    door: str
    session_key: str = ""
    account_key: str = ""  # of an active account; `enter` looks it up

    @property
    def key(self) -> str:
        return self.account_key or key_of(self.name)

    @property
    def claimed_keys(self) -> frozenset[str]:
        """The keys that must not belong to an account if a guest has this name."""
        return claimed_keys(self.name)


class Stay(NamedTuple):
    """A connection that has entered, and the number of the last line that it need not be sent.

    That includes the line of its own entering.
    """

    connection_id: int
    name: str
    seq: int


# Entering


def enter(room_id: int, entrants: Sequence[Entrant]) -> list[Stay | Refused]:
    """Let people enter in one transaction, and return a `Stay` or `Refused` for each, in order.

    An account that is in the room already gets one more connection, without a line. A guest who
    holds the name of an entering account has to leave.
    """
    # Names that are never allowed are rejected before the database is asked.
    refusals = [_refusal_by_name(entrant) for entrant in entrants]
    with transaction.atomic():
        room = log.lock(room_id)
        active_keys = _keys_of_active_users(entrants)
        entrants = [
            entrant._replace(account_key=active_keys.get(entrant.user_id, ""))
            for entrant in entrants
        ]
        allowed = _without_refused(entrants, refusals)
        account_keys = _account_keys(allowed)
        present = _present(room, allowed)
        _remove_guests_with_account_names(room, allowed, present)
        refusals = [
            refusal or _refusal_in_room(entrant, present, account_keys)
            for entrant, refusal in zip(entrants, refusals, strict=True)
        ]
        stays = iter(_let_in(room, _without_refused(entrants, refusals), present))
        return [refusal or next(stays) for refusal in refusals]


def _without_refused(entrants, refusals):
    return [entrant for entrant, refusal in zip(entrants, refusals, strict=True) if refusal is None]


def _refusal_by_name(entrant):
    if entrant.user_id is not None:
        return None
    problem = problem_with_guest_name(entrant.name)
    if problem is NameProblem.EMPTY:
        return Refused(RefusalCode.NAME_EMPTY)
    if problem or is_reserved(entrant.name):
        return Refused(RefusalCode.NAME_TAKEN)
    return None


def _account_keys(entrants):
    """Return the keys claimed by guests that belong to accounts."""
    guests = [entrant for entrant in entrants if entrant.user_id is None]
    keys = {key for guest in guests for key in guest.claimed_keys}
    return set(User.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()


def _keys_of_active_users(entrants):
    """Return {id: key} of the entering accounts that still exist and are active."""
    asked = {entrant.user_id for entrant in entrants} - {None}
    found = User.objects.filter(pk__in=asked, is_active=True).values_list("pk", "key")
    return dict(found) if asked else {}


def _present(room, entrants):
    """Return {key: Presence} of the entrants whose names are in the room already."""
    keys = {entrant.key for entrant in entrants}
    found = Presence.objects.filter(room=room, key__in=keys)
    return {presence.key: presence for presence in found}


def _remove_guests_with_account_names(room, entrants, present):
    user_ids = {entrant.key: entrant.user_id for entrant in entrants if entrant.user_id}
    guests = [
        presence
        for key, presence in present.items()
        if key in user_ids and presence.user_id != user_ids[key]
    ]
    if guests:
        _remove_people(room, guests)
    for guest in guests:
        del present[guest.key]


def _refusal_in_room(entrant, present, account_keys):
    """Return why an entrant is refused. Otherwise reserve the name for the rest of this batch."""
    if entrant.user_id is None and (entrant.key in present or entrant.claimed_keys & account_keys):
        return Refused(RefusalCode.NAME_TAKEN)
    if entrant.user_id is not None and not entrant.account_key:
        return Refused(RefusalCode.NOT_IN_ROOM)
    present.setdefault(entrant.key, None)
    return None


def _let_in(room, entrants, present):
    """Announce newcomers, give each entrant a connection, and return a `Stay` for each."""
    _release_held_places([present[entrant.key] for entrant in entrants if present[entrant.key]])
    last_seq = room.last_seq
    # Several connections of one person may enter at once; the first of them is announced.
    first = {entrant.key: entrant for entrant in reversed(entrants) if not present[entrant.key]}
    newcomers = [entrant for entrant in entrants if first.get(entrant.key) is entrant]
    present.update({presence.key: presence for presence in _announce(room, newcomers)})
    connections = Connection.objects.bulk_create(
        [
            Connection(
                presence=present[entrant.key],
                process_id=entrant.process_id,
                door=entrant.door,
                session_key=entrant.session_key,
            )
            for entrant in entrants
        ]
    )
    # A person who was here has seen everything before this batch; a newcomer begins with the
    # line of their own entering.
    return [
        Stay(
            connection_id=connection.pk,
            name=connection.presence.name,
            seq=max(connection.presence.entered, last_seq),
        )
        for connection in connections
    ]


def _release_held_places(presences):
    """Delete the lost connections of members who have returned."""
    if presences:
        Connection.objects.filter(presence__in=presences, lost=True).delete()


def _announce(room, newcomers):
    """Append the lines of entering, and return the new presences."""
    now = timezone.now()
    lines = log.append(
        room,
        [
            Line(
                kind=Kind.ENTERED.value,
                name=newcomer.name,
                at=now,
                author_id=newcomer.user_id,
                guest=newcomer.user_id is None,
            )
            for newcomer in newcomers
        ],
    )
    return Presence.objects.bulk_create(
        [
            Presence(
                room=room,
                name=newcomer.name,
                key=newcomer.key,
                user_id=newcomer.user_id,
                entered=line.seq,
            )
            for newcomer, line in zip(newcomers, lines, strict=True)
        ]
    )


# Leaving


@transaction.atomic
def leave(room_id: int, connection_ids: Sequence[int]) -> list[bool]:
    """End connections whose members want to leave, together with their lost connections.

    A person without any connection leaves the room. Unknown connections are ignored. Returns for
    each id whether its person has left.
    """
    room = log.lock(room_id)
    presence_ids = _presence_ids(room, connection_ids)
    Connection.objects.filter(presence_id__in=presence_ids.values(), lost=True).delete()
    return _end_connections(room, connection_ids, presence_ids)


@transaction.atomic
def expire(room_id: int, connection_ids: Sequence[int]) -> list[bool]:
    """End connections that were lost, or that their process has given up; see `leave`."""
    room = log.lock(room_id)
    return _end_connections(room, connection_ids, _presence_ids(room, connection_ids))


@transaction.atomic
def lose(room_id: int, connection_ids: Sequence[int]) -> list[None]:
    """Mark connections that broke: their members keep their place and may return."""
    log.lock(room_id)
    Connection.objects.filter(pk__in=connection_ids).update(lost=True)
    return [None] * len(connection_ids)


def expire_all(connections: "QuerySet[Connection]") -> list[int]:
    """Expire connections in whatever rooms, each room in a transaction of its own.

    Returns the ids of these rooms.
    """
    by_room: dict[int, list[int]] = {}
    for pk, room_id in connections.values_list("pk", "presence__room_id"):
        by_room.setdefault(room_id, []).append(pk)
    for room_id, connection_ids in sorted(by_room.items()):
        expire(room_id, connection_ids)
    return list(by_room)


def _presence_ids(room, connection_ids):
    """Return {connection id: presence id} of the connections in a room."""
    # The rooms are compared here: SQL would begin with everybody in the room.
    found = Connection.objects.filter(pk__in=connection_ids)
    rows = found.values_list("pk", "presence_id", "presence__room")
    return {pk: presence_id for pk, presence_id, room_id in rows if room_id == room.pk}


def _end_connections(room, connection_ids, presence_ids):
    Connection.objects.filter(pk__in=presence_ids).delete()
    unconnected = list(Presence.objects.filter(pk__in=presence_ids.values(), connection=None))
    if unconnected:
        _remove_people(room, unconnected)
    else:  # no line announces that connections have ended
        changes.announce(room.pk)
    gone = {presence.pk for presence in unconnected}
    return [presence_ids.get(connection_id) in gone for connection_id in connection_ids]


def _remove_people(room, presences):
    """Delete presences of a locked room and append their lines, in the order of entering."""
    now = timezone.now()
    leaving = sorted(presences, key=lambda presence: presence.entered)
    Presence.objects.filter(pk__in=[presence.pk for presence in leaving]).delete()
    log.append(
        room,
        [
            Line(
                kind=Kind.LEFT.value,
                name=presence.name,
                at=now,
                author_id=presence.user_id,
                guest=presence.guest,
                of=presence.entered,
            )
            for presence in leaving
        ],
    )


def is_guest_name_in_use(key: str) -> bool:
    """Return whether a guest holds a name with this key now."""
    return Presence.objects.filter(key=key, user=None).exists()
