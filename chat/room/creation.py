"""The creation of rooms: open, private and direct ones."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from itertools import count

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.models import Membership, Message, Room, User
from chat.models.room import MAX_NAME, MAX_SLUG, MAX_TOPIC, random_slug
from chat.names.keys import key_of
from chat.names.rooms import is_allowed, one_line
from chat.room import changes, log, membership, sanctions
from chat.room.direct import MAX_DIRECT, direct_key
from chat.room.ranks import Rank, rank_of
from chat.room.refusal import RefusalCode, Refused

Role = Membership.Role

# Rooms that one account may create in an hour, direct ones too: rooms stay, and each server process
# reads the counters of all of them. Staff may create more.
MAX_CREATED = 100
NEWEST_ROOMS = 1000  # of the site, among which those of the account are counted
NUMBER_LENGTH = 6  # characters that are left for the number of an address


def create(user: User, name: str, *, private: bool = False, topic: str = "") -> Room:
    """Create an open or a private room, whose owner is `user`.

    Raises `Refused` when an open room has this name already, or one that looks like it, and for an
    account that may not create rooms or speak on the site, or has created too many.
    """
    if not may_create(user):
        raise Refused(RefusalCode.NOT_ALLOWED)
    name, topic = clean_name(name), clean_topic(topic)
    _check_number(user)
    try:
        with transaction.atomic():
            log.lock_lobby()  # so that no mute on the whole site comes in between
            sanctions.check_not_muted(user)
            room = Room.objects.create(
                name=name,
                key=key_of(name),
                topic=topic,
                kind=Room.Kind.PRIVATE if private else Room.Kind.OPEN,
                # The address of a private room must not tell its name.
                slug=random_slug() if private else free_slug(name),
            )
            _begin(room, user, {user: Role.OWNER})
    except IntegrityError:
        raise Refused(RefusalCode.NAME_TAKEN) from None
    return room


def may_create(user: User) -> bool:
    """Return whether an account may create open and private rooms; see `ROOM_CREATION`."""
    return settings.ROOM_CREATION == "members" or rank_of(user) >= Rank.STAFF


def _check_number(user):
    """Raise `Refused` if an account has created too many rooms in the last hour.

    An index has the newest rooms of the site. Those of one account could be anywhere in its lines.
    """
    newest = Message.objects.filter(kind=Message.Kind.CREATED).order_by("-pk")
    creators = newest.values_list("author", "at")[:NEWEST_ROOMS]
    since = timezone.now() - timedelta(hours=1)
    created = sum(author == user.pk and at > since for author, at in creators)
    if created >= MAX_CREATED and rank_of(user) < Rank.STAFF:
        raise Refused(RefusalCode.TOO_MANY_CREATED)


@transaction.atomic
def open_direct(user: User, others: Iterable[User]) -> Room:
    """Return the direct room of some people; create it if they have none.

    The others see a new room as soon as something is said there.

    Raises `Refused` for nobody else, for more than `MAX_DIRECT` people, and if the account has
    created too many rooms.
    """
    people = {person.pk: person for person in (user, *others)}
    if not 2 <= len(people) <= MAX_DIRECT:
        raise Refused(RefusalCode.NOT_ALLOWED)
    key = direct_key(people)
    if not Room.objects.filter(people_key=key).exists():
        log.lock_lobby()  # so that a mute on the whole site knows all rooms of these people
    room, is_new = Room.objects.get_or_create(people_key=key, defaults={"kind": Room.Kind.DIRECT})
    if is_new:
        _check_number(user)
        _begin(room, user, dict.fromkeys(people.values(), Role.MEMBER))
    else:
        Membership.objects.filter(room=room, user=user).update(hidden=False)
    changes.announce_account(user.pk)
    return room


def _begin(room, user, members):
    """Append the first line of a new room, and add its first members."""
    locked = log.lock(room.pk)
    line = membership.line(Message.Kind.CREATED, user, room.name)
    log.append(locked, [line])
    for person, role in members.items():
        hidden = room.kind == Room.Kind.DIRECT and person != user
        membership.add(locked, person, role, hidden=hidden)


def clean_name(name: str) -> str:
    """Return the name of a room in the form in which it is kept. Raises `Refused`."""
    name = one_line(name)
    if not 0 < len(name) <= MAX_NAME or not is_allowed(name):
        raise Refused(RefusalCode.BAD_NAME)
    return name


def clean_topic(topic: str) -> str:
    """Return a topic in the form in which it is kept: one line. Raises `Refused`."""
    topic = one_line(topic)
    if len(topic) > MAX_TOPIC:
        raise Refused(RefusalCode.TOO_LONG)
    return topic


def free_slug(name: str) -> str:
    """Return an unused address for an open room: its name in plain letters, perhaps a number."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain)[: MAX_SLUG - NUMBER_LENGTH].strip("-")
    if not base:
        return random_slug()
    taken = set(Room.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" if number > 1 else base for number in count(1))
    return next(slug for slug in numbered if slug not in taken)
