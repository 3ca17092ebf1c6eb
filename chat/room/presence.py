"""Who is here: entering and leaving, and the processes that keep connections alive.

Every change of presence is a line of the room's log, written in the same transaction.
"""

from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, F, Sum
from django.utils import timezone

from chat.models import Connection, Line, Message, Person, Presence, Process, Room, User
from chat.names.guests import NameProblem, first_word, problem_with_guest_name
from chat.names.keys import key_of
from chat.room import transcript
from chat.room.refusal import EMPTY, GONE, TAKEN, Refused
from chat.room.transcript import Counters, Row

Kind = Message.Kind


class Entrant(NamedTuple):
    """Somebody at the door: an account (`user_id`) or a guest (none)."""

    name: str
    user_id: int | None
    process_id: int
    door: str
    session_key: str = ""

    @property
    def key(self):
        return key_of(self.name)

    @property
    def claims(self):
        """The keys that must not be an account's, when a guest has this name."""
        return {self.key, key_of(first_word(self.name))}


class Stay(NamedTuple):
    """A connection that was let in; it has seen the log up to `seq`.

    Whoever enters has seen their own entering: nobody is told of themselves.
    """

    connection_id: int
    name: str
    seq: int


def enter(room_id, entrants):
    """Let people in, all in one transaction.

    Returns, in the order of `entrants`, a `Stay` or a `Refused` for each. An account that is
    here already gets one more connection, unannounced. An account whose name a guest holds
    puts the guest out.
    """
    # First, what needs no database: a name that nobody may have is none that it could hold.
    refused = [_refused_by_name(entrant) for entrant in entrants]
    possible = [entrant for entrant, no in zip(entrants, refused, strict=True) if no is None]
    with transaction.atomic():
        room = transcript.lock(room_id)
        reserved = _account_keys(possible)
        living = _living_accounts(possible)
        here = {
            presence.key: presence
            for presence in Presence.objects.filter(
                room=room, key__in={entrant.key for entrant in possible}
            )
        }
        _put_out_guests(room, possible, here)
        refused = [
            no or _refused_in_room(entrant, here, reserved, living)
            for entrant, no in zip(entrants, refused, strict=True)
        ]
        welcome = [entrant for entrant, no in zip(entrants, refused, strict=True) if no is None]
        stays = iter(_let_in(room, welcome, here))
        return [no or next(stays) for no in refused]


def _refused_by_name(entrant):
    problem = problem_with_guest_name(entrant.name) if entrant.user_id is None else None
    if problem is None:
        return None
    return Refused(EMPTY if problem is NameProblem.EMPTY else TAKEN)


def _account_keys(entrants):
    """Which of the names that guests ask for, or their first words, are names of accounts."""
    guests = [entrant for entrant in entrants if entrant.user_id is None]
    keys = {key for guest in guests for key in guest.claims}
    return set(User.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()


def _put_out_guests(room, entrants, here):
    """Guests who hold the name of an account leave when it enters."""
    accounts = {entrant.key: entrant.user_id for entrant in entrants if entrant.user_id}
    guests = [
        presence
        for key, presence in here.items()
        if key in accounts and presence.user_id != accounts[key]
    ]
    if guests:
        _farewell(room, guests)
    for guest in guests:
        del here[guest.key]


def _living_accounts(entrants):
    """Which of the accounts that enter still exist: one that does not must not fail the rest."""
    asked = {entrant.user_id for entrant in entrants} - {None}
    found = User.objects.filter(pk__in=asked, is_active=True).values_list("pk", flat=True)
    return set(found) if asked else set()


def _refused_in_room(entrant, here, reserved, living):
    """Refuse a guest a name that is held; else the name is held from here on, in this batch."""
    if entrant.user_id is None and (entrant.key in here or entrant.claims & reserved):
        return Refused(TAKEN)
    if entrant.user_id is not None and entrant.user_id not in living:
        return Refused(GONE)
    here.setdefault(entrant.key, None)
    return None


def _let_in(room, entrants, here):
    """Announce who is new, and give everybody a connection. Returns a `Stay` for each."""
    # Who comes back needs no place kept any more.
    back = [here[entrant.key].pk for entrant in entrants if here[entrant.key]]
    if back:
        Connection.objects.filter(presence_id__in=back, lost=True).delete()
    new = {entrant.key: entrant for entrant in reversed(entrants) if not here[entrant.key]}
    newcomers = [entrant for entrant in entrants if new.get(entrant.key) is entrant]
    before = room.last_seq
    now = timezone.now()
    seqs = transcript.append(room, [_entered_row(entrant, now) for entrant in newcomers])
    presences = Presence.objects.bulk_create(
        [
            Presence(
                room=room,
                name=entrant.name,
                key=entrant.key,
                user_id=entrant.user_id,
                entered=seq,
            )
            for entrant, seq in zip(newcomers, seqs, strict=True)
        ]
    )
    here.update({presence.key: presence for presence in presences})
    connections = Connection.objects.bulk_create(
        [
            Connection(
                presence=here[entrant.key],
                process_id=entrant.process_id,
                door=entrant.door,
                session_key=entrant.session_key,
            )
            for entrant in entrants
        ]
    )
    # Whoever was here has seen what was before this batch; a newcomer's first line is the own.
    return [
        Stay(connection.pk, presence.name, max(presence.entered, before))
        for connection, presence in zip(
            connections, (here[entrant.key] for entrant in entrants), strict=True
        )
    ]


def _entered_row(entrant, now):
    return Row(
        kind=Kind.ENTERED,
        name=entrant.name,
        at=now,
        author_id=entrant.user_id,
        guest=entrant.user_id is None,
    )


def _farewell(room, presences):
    """Delete presences of a locked room, and say so, in the order in which they had entered."""
    now = timezone.now()
    gone = sorted(presences, key=lambda presence: presence.entered)
    Presence.objects.filter(pk__in=[presence.pk for presence in gone]).delete()
    transcript.append(
        room,
        [
            Row(
                kind=Kind.LEFT,
                name=presence.name,
                at=now,
                author_id=presence.user_id,
                guest=presence.guest,
                of=presence.entered,
            )
            for presence in gone
        ],
    )


@transaction.atomic
def leave(room_id, connection_ids):
    """End connections whose members want to go, and with them those that they had lost.

    Who has no connection left leaves the room. Unknown connections are passed over. Returns, for
    each id, whether its end was also the end of its person's stay.
    """
    room = transcript.lock(room_id)
    presences = _presences_of(room, connection_ids)
    Connection.objects.filter(presence_id__in=presences.values(), lost=True).delete()
    return _end_connections(room, connection_ids, presences)


@transaction.atomic
def expire(room_id, connection_ids):
    """End connections that were lost, or that their process has given up; see `leave`."""
    room = transcript.lock(room_id)
    return _end_connections(room, connection_ids, _presences_of(room, connection_ids))


def _presences_of(room, connection_ids):
    """{connection id: presence id} of those in the room."""
    # The rooms are compared here: the database would begin with everybody in the room.
    found = Connection.objects.filter(pk__in=connection_ids)
    rows = found.values_list("pk", "presence_id", "presence__room")
    return {pk: presence_id for pk, presence_id, room_id in rows if room_id == room.pk}


def _end_connections(room, connection_ids, presences):
    Connection.objects.filter(pk__in=presences).delete()
    alone = list(Presence.objects.filter(pk__in=presences.values(), connection=None))
    if alone:
        _farewell(room, alone)
    gone = {presence.pk for presence in alone}
    return [presences.get(connection_id) in gone for connection_id in connection_ids]


@transaction.atomic
def lose(room_id, connection_ids):
    """Mark connections that broke: their members may come back within the grace."""
    transcript.lock(room_id)
    Connection.objects.filter(pk__in=connection_ids).update(lost=True)
    return [None] * len(connection_ids)


def disconnect(*, user_id=None, session_key=None, only_not=None):
    """End the connections of an account, of a browser's login session, or of both together.

    `only_not` is a session key to spare. The process that holds a connection sees that it is
    gone and closes it. Returns the rooms' ids in which there were any.
    """
    connections = Connection.objects.all()
    if user_id is not None:
        connections = connections.filter(presence__user_id=user_id)
    if session_key is not None:
        connections = connections.filter(session_key=session_key)
    if only_not:
        connections = connections.exclude(session_key=only_not)
    return _end(connections)


def rename_session(user_id, was, session_key):
    """Note that a login session of an account goes on under a new key."""
    with transaction.atomic():
        transcript.lock_all()
        mine = Connection.objects.filter(session_key=was, presence__user_id=user_id)
        mine.update(session_key=session_key)


def put_out(presence_ids):
    """End all connections of some people. Returns the rooms' ids in which there were any."""
    return _end(Connection.objects.filter(presence_id__in=presence_ids))


def _end(connections):
    rooms = {}
    for pk, room_id in connections.values_list("pk", "presence__room_id"):
        rooms.setdefault(room_id, []).append(pk)
    for room_id, connection_ids in sorted(rooms.items()):
        expire(room_id, connection_ids)
    return list(rooms)


def name_in_use(key):
    """Whether a guest holds a name with this key right now."""
    return Presence.objects.filter(key=key, user=None).exists()


def people(room_id):
    """(Counters, {number of entering: Person}) of a room, from one statement: they agree."""
    rows = (
        Room.objects.filter(pk=room_id)
        .order_by("presence__entered")
        .values_list(
            "last_seq", "revision", "presence__entered", "presence__name", "presence__user_id"
        )
    )
    here = {}
    for last_seq, revision, entered, name, user_id in rows:
        counters = Counters(last_seq, revision)
        if entered is not None:
            here[entered] = Person(name, user_id is None)
    return counters, here


class State(NamedTuple):
    """A room at one moment: its counters, who is in it by number of entering, newest lines."""

    counters: Counters
    people: dict[int, Person]
    lines: list[Line]


def state(room_id, limit):
    """The room now, with its newest `limit` lines."""
    counters, here = people(room_id)
    return State(counters, here, transcript.before(room_id, counters.last_seq + 1, limit))


# Processes


def register(host, pid, started):
    """A new row for a process that starts. Returns its id."""
    return Process.objects.create(host=host, pid=pid, started=started).pk


def beat(process_id):
    """Show that a process lives. False when the others have taken it for dead."""
    return bool(_living(process_id).update(beat=F("beat") + 1))


class Heard(NamedTuple):
    """What is known of another process."""

    id: int
    host: str
    pid: int
    started: str
    beat: int
    stopped: bool


def others(process_id):
    """All other processes, as `Heard`."""
    rows = Process.objects.exclude(pk=process_id).order_by("pk")
    return [Heard(*row) for row in rows.values_list("pk", *Heard._fields[1:])]


def retire(process_id):
    """Mark a process that stops in order, when its last legacy connection has ended."""
    Process.objects.filter(pk=process_id).update(stopped=True)
    _forget([process_id])


def connections_of(process_id):
    """{id: session key} of the connections that a process holds, without the lost ones."""
    held = Connection.objects.filter(process_id=process_id, lost=False)
    return dict(held.values_list("pk", "session_key"))


def fingerprint(process_id):
    """(number, sum of ids) of the connections that a process holds: what it compares first."""
    living = Connection.objects.filter(process_id=process_id, lost=False)
    found = living.aggregate(count=Count("pk"), total=Sum("pk"))
    return found["count"], found["total"] or 0


def lost_of(process_id):
    """{id: room id} of the lost connections whose grace a process has to end."""
    lost = Connection.objects.filter(process_id=process_id, lost=True)
    return dict(lost.values_list("pk", "presence__room_id"))


def is_registered(process_id):
    """Whether a process counts as living."""
    return _living(process_id).exists()


def _living(process_id):
    return Process.objects.filter(pk=process_id, stopped=False)


def bury(process_ids):
    """End the connections of dead processes, and forget those."""
    # First, or one that wakes meanwhile would take its members for removed.
    Process.objects.filter(pk__in=process_ids).update(stopped=True)
    _end(Connection.objects.filter(process_id__in=process_ids))
    _forget(process_ids)


def take_over(process_id, dead_ids):
    """Move what dead processes of this host held to the process that came after them.

    Legacy connections end at once: their sockets are gone. Web members get time to come back:
    returns {room id: [connection id]} of theirs, for the caller to end after the grace.
    """
    dead = Connection.objects.filter(process_id__in=dead_ids)
    _end(dead.filter(door=Connection.Door.LEGACY))
    taken = {}
    for pk, room_id in dead.values_list("pk", "presence__room_id"):
        taken.setdefault(room_id, []).append(pk)
    for room_id, connection_ids in sorted(taken.items()):
        with transaction.atomic():
            transcript.lock(room_id)
            held = Connection.objects.filter(pk__in=connection_ids)
            held.update(process_id=process_id, lost=True)
    _forget(dead_ids)
    return taken


def _forget(process_ids):
    # A connection may have come meanwhile (the process was only frozen): then it stays, and the
    # next look at the beats finds it.
    Process.objects.filter(pk__in=process_ids, connection=None).delete()
