"""The people on the site: entering and leaving.

A person has one name, claimed for the whole site by a row with a unique key. Names are claimed and
given back while the lobby is locked, and each change is a line of the lobby's log, written in the
same transaction.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat.models import Connection, Line, Message, Presence, Room
from chat.room import changes, log, membership, replacement, restraints, sanctions, visits
from chat.room.entrants import (
    Entrant,
    account_keys,
    keys_of_active_users,
    refusal_by_name,
)
from chat.room.refusal import RefusalCode, Refused

Kind = Message.Kind


class Stay(NamedTuple):
    """A connection that has entered, and the number of the last line that it need not be sent.

    That includes the line of its own entering. `replaced` has the connections of the same account
    that had to end for this batch.
    """

    connection_id: int
    name: str
    seq: int
    replaced: frozenset[int] = frozenset()
    is_newcomer: bool = True  # the person was not in the room before


# Entering


def enter(entrants: Sequence[Entrant]) -> list[Stay | Refused]:
    """Let people enter in one transaction, and return a `Stay` or `Refused` for each, in order.

    An account that is here already gets one more connection, without a line; its oldest
    connections end when it has more than `MAX_CONNECTIONS_PER_ACCOUNT`. A guest who holds the name
    of an entering account has to leave. Guests enter if the lobby allows guests. Sanctions of the
    account, of the guest's name and of the network keep people out, or restrain them from now on.
    """
    # Names that are never allowed are rejected before the database is asked.
    refusals = [refusal_by_name(entrant) for entrant in entrants]
    with transaction.atomic():
        lobby = log.lock_lobby()
        active_keys = keys_of_active_users(entrants)
        entrants = [
            entrant._replace(account_key=active_keys.get(entrant.user_id, ""))
            for entrant in entrants
        ]
        # Names that are never allowed may contain characters that no database stores.
        allowed = _without_refused(entrants, refusals)
        concerning = dict(zip(allowed, restraints.of_entrants(allowed), strict=True))
        refusals = [
            found or _refusal_by_sanction(concerning[entrant])
            for entrant, found in zip(entrants, refusals, strict=True)
        ]
        allowed = _without_refused(entrants, refusals)
        claimed = account_keys(allowed)
        present = _present(allowed)
        _remove_guests_with_account_names(lobby, allowed, present)
        refusals = [
            refusal or _refusal_by_people(lobby, entrant, present, claimed)
            for entrant, refusal in zip(entrants, refusals, strict=True)
        ]
        let_in = _without_refused(entrants, refusals)
        stays = iter(_let_in(lobby, let_in, present))
        restraints.add(
            (present[entrant.key].pk, sanction)
            for entrant in let_in
            for sanction in concerning[entrant]
        )
        return [refusal or next(stays) for refusal in refusals]


def _without_refused(entrants, refusals):
    return [entrant for entrant, refusal in zip(entrants, refusals, strict=True) if refusal is None]


def _present(entrants):
    """Return {key: Presence} of the entrants whose names somebody here has already."""
    keys = {entrant.key for entrant in entrants}
    found = Presence.objects.filter(key__in=keys)
    return {presence.key: presence for presence in found}


def _remove_guests_with_account_names(lobby, entrants, present):
    user_ids = {entrant.key: entrant.user_id for entrant in entrants if entrant.user_id}
    guests = [
        presence
        for key, presence in present.items()
        if key in user_ids and presence.user_id != user_ids[key]
    ]
    if guests:
        _remove_people(lobby, guests)
    for guest in guests:
        del present[guest.key]


def _refusal_by_sanction(concerning):
    ban = restraints.ban_from_site(concerning)
    return None if ban is None else sanctions.refusal(ban)


def _refusal_by_people(lobby, entrant, present, claimed):
    """Return why an entrant is refused. Otherwise reserve the name for the rest of this batch."""
    if entrant.user_id is None and not lobby.guests_allowed:
        return Refused(RefusalCode.NOT_ALLOWED)
    if entrant.user_id is None and (entrant.key in present or entrant.claimed_keys & claimed):
        return Refused(RefusalCode.NAME_TAKEN)
    if entrant.user_id is not None and not entrant.account_key:
        return Refused(RefusalCode.NOT_IN_ROOM)
    present.setdefault(entrant.key, None)
    return None


def _let_in(lobby, entrants, present):
    """Announce newcomers, give each entrant a connection, and return a `Stay` for each.

    A connection that newer ones of this batch have replaced already is returned as `Refused`.
    """
    _release_held_places([present[entrant.key] for entrant in entrants if present[entrant.key]])
    last_seq = lobby.last_seq
    # Several connections of one person may enter at once; the first of them is announced.
    first = {entrant.key: entrant for entrant in reversed(entrants) if not present[entrant.key]}
    newcomers = [entrant for entrant in entrants if first.get(entrant.key) is entrant]
    present.update({presence.key: presence for presence in _announce(lobby, newcomers)})
    membership.add_to_lobby(lobby, [entrant.user_id for entrant in newcomers if entrant.user_id])
    connections = Connection.objects.bulk_create(
        [
            Connection(
                presence=present[entrant.key],
                process_id=entrant.process_id,
                door=entrant.door,
                session_key=entrant.session_key,
                address=entrant.address,
            )
            for entrant in entrants
        ]
    )
    replaced = replacement.end_oldest(connections)
    # A person who was here has seen everything before this batch; a newcomer begins with the
    # line of their own entering.
    stays = [
        Stay(
            connection_id=connection.pk,
            name=connection.presence.name,
            seq=max(connection.presence.entered, last_seq),
            replaced=replaced.get(connection.presence_id, frozenset()),
            is_newcomer=connection.presence.entered > last_seq,
        )
        for connection in connections
    ]
    return [
        Refused(RefusalCode.REPLACED) if stay.connection_id in stay.replaced else stay
        for stay in stays
    ]


def _release_held_places(presences):
    """Delete the lost connections of members who have returned."""
    if presences:
        Connection.objects.filter(presence__in=presences, lost=True).delete()


def _announce(lobby, newcomers):
    """Append the lines of entering, and return the new presences."""
    now = timezone.now()
    lines = log.append(
        lobby,
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
def leave(connection_ids: Sequence[int]) -> list[bool]:
    """End connections whose members want to leave, together with their lost connections.

    A person without any connection leaves the site. Unknown connections are ignored. Returns for
    each id whether its person has left.
    """
    lobby = log.lock_lobby()
    presence_ids = _presence_ids(connection_ids)
    visits.lock_visited(presence_ids.values())
    Connection.objects.filter(presence_id__in=presence_ids.values(), lost=True).delete()
    return _end_connections(lobby, connection_ids, presence_ids)


@transaction.atomic
def expire(connection_ids: Sequence[int]) -> list[bool]:
    """End connections that were lost, or that their process has given up; see `leave`."""
    lobby = log.lock_lobby()
    presence_ids = _presence_ids(connection_ids)
    visits.lock_visited(presence_ids.values())
    return _end_connections(lobby, connection_ids, presence_ids)


@transaction.atomic
def lose(connection_ids: Sequence[int]) -> list[None]:
    """Mark connections that broke: their members keep their place and may return."""
    log.lock_lobby()
    Connection.objects.filter(pk__in=connection_ids).update(lost=True)
    return [None] * len(connection_ids)


def end(lobby: Room, connections: "QuerySet[Connection]") -> None:
    """End connections while the lobby is locked; people without another one leave the site."""
    presence_ids = dict(connections.values_list("pk", "presence_id"))
    visits.lock_visited(presence_ids.values())
    _end_connections(lobby, list(presence_ids), presence_ids)


def expire_all(connections: "QuerySet[Connection]") -> None:
    """Expire connections, in one transaction."""
    if connection_ids := list(connections.values_list("pk", flat=True)):
        expire(connection_ids)


def _presence_ids(connection_ids):
    """Return {connection id: presence id} of the connections that exist."""
    found = Connection.objects.filter(pk__in=connection_ids)
    return dict(found.values_list("pk", "presence_id"))


def _end_connections(lobby, connection_ids, presence_ids):
    Connection.objects.filter(pk__in=presence_ids).delete()
    changes.announce_ended(presence_ids)
    unconnected = list(Presence.objects.filter(pk__in=presence_ids.values(), connection=None))
    if unconnected:
        _remove_people(lobby, unconnected)
    else:  # no line announces that connections have ended
        changes.announce(lobby.pk)
    gone = {presence.pk for presence in unconnected}
    return [presence_ids.get(connection_id) in gone for connection_id in connection_ids]


def _remove_people(lobby, presences):
    """Delete presences and append their lines to the locked lobby, in the order of entering."""
    now = timezone.now()
    leaving = sorted(presences, key=lambda presence: presence.entered)
    visits.end(leaving)
    Presence.objects.filter(pk__in=[presence.pk for presence in leaving]).delete()
    log.append(
        lobby,
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
