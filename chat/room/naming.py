"""Rooms and people as somebody names them in a command.

A person is named by any name with the same key. A room is named by its address, with or without
`#`, or by its name. A direct room is named `@` and the other people, with commas between them.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from chat.models import Membership, Room, User
from chat.names.keys import key_of
from chat.names.typed import LeadingName, leading_names
from chat.names.usernames import MAX_TYPED_USERNAME, MAX_USERNAME, normalize_username
from chat.room.access import Reader, readable_by
from chat.room.direct import MAX_DIRECT, direct_key
from chat.room.refusal import RefusalCode, Refused

ROOM_SIGN, PERSON_SIGN = "#", "@"
SEPARATOR = ","  # between the names of several people; no account has one in its name, nor a blank
# Characters of the names of the other people of a direct room, with a blank after each comma
MAX_TYPED_PEOPLE = (MAX_DIRECT - 1) * (MAX_USERNAME + 2)


class NamedRoom(NamedTuple):
    """The room that a text begins with, and the rest of the text."""

    room_id: int
    rest: str


class NamedPeople(NamedTuple):
    """The names of the accounts that a text begins with, and the rest of the text."""

    names: list[str]
    rest: str


def accounts(names: Iterable[str]) -> dict[str, User]:
    """Return {name: active account} for those of some names that belong to one.

    An account with exactly this name goes before one whose name looks the same, as at a sign-in.
    Names that are longer than any account's are not looked for.
    """
    names = [name for name in names if len(name) <= MAX_TYPED_USERNAME]
    typed = {name: normalize_username(name) for name in names}
    keys = {name: key_of(name) for name in typed}
    found = User.objects.filter(Q(username__in=set(typed.values())) | Q(key__in=set(keys.values())))
    by_name = {user.username: user for user in found}
    by_key = {user.key: user for user in found}
    owners = {name: by_name.get(typed[name]) or by_key.get(keys[name]) for name in typed}
    return {name: user for name, user in owners.items() if user is not None and user.is_active}


def people(text: str) -> NamedPeople:
    """Return the accounts that a text begins with, one or several. Raises `Refused`."""
    found, rest = _leading_accounts(text)
    return NamedPeople([user.username for user in found], rest)


def _leading_accounts(text):
    groups = [
        ([name.strip() for name in leading.split(SEPARATOR)], rest)
        for leading, rest in leading_names(text.removeprefix(PERSON_SIGN), MAX_TYPED_PEOPLE)
    ]
    groups = [(names, rest) for names, rest in groups if _may_be_people(names)]
    found = accounts({name for names, _ in groups for name in names})
    for names, rest in groups:
        if all(name in found for name in names):
            return [found[name] for name in names], rest
    raise Refused(RefusalCode.NO_SUCH_PERSON)


def _may_be_people(names):
    return len(names) < MAX_DIRECT and all(len(name.split()) == 1 for name in names)


def room(text: str, user_id: int | None) -> NamedRoom:
    """Return the room that a text begins with. Raises `Refused`.

    Only rooms that the account, or a guest without `user_id`, may read are found. The whole text is
    preferred, so that it can be the name of a room to join. Then come the account's own rooms, so
    that nobody gets messages meant for one of them by creating a room. Among several names the
    longest counts, and an address goes before a name.
    """
    if text.startswith(PERSON_SIGN):
        return _direct_room(text, user_id)
    if text.startswith(ROOM_SIGN):
        address, *rest = text[1:].split(maxsplit=1) or [""]
        found = _readable(user_id).filter(slug=address.lower()).first()
        if found is None:
            raise Refused(RefusalCode.NO_SUCH_ROOM)
        return NamedRoom(found.pk, "".join(rest))
    return _room_by_name(leading_names(text), user_id)


def _readable(user_id):
    rooms = Room.objects.filter(readable_by(Reader(user_id)))
    return rooms.exclude(kind=Room.Kind.DIRECT)


def _direct_room(text, user_id):
    others, rest = _leading_accounts(text)
    ids = {user_id, *(user.pk for user in others)} - {None}
    found = Room.objects.filter(readable_by(Reader(user_id)), people_key=direct_key(ids)).first()
    if found is None:
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    return NamedRoom(found.pk, rest)


class TypedRoom(NamedTuple):
    """A part of a text as an address and as the key of a name, and the rest of the text."""

    slug: str
    key: str
    rest: str


def _room_by_name(names: Sequence[LeadingName], user_id: int | None) -> NamedRoom:
    typed = [TypedRoom(name.lower(), key_of(name), rest) for name, rest in names]
    is_named = Q(slug__in=[each.slug for each in typed]) | Q(key__in=[each.key for each in typed])
    own = Membership.objects.filter(user=user_id, room=OuterRef("pk"))
    rooms = _readable(user_id).annotate(is_own=Exists(own))
    found = rooms.filter(is_named | Q(is_own=True)).order_by("-is_own", "pk")
    own_rooms = [room for room in found if room.is_own]
    whole = [each for each in typed if not each.rest]
    match = _first(whole, found) or _first(typed, own_rooms) or _first(typed, found)
    if match is None:
        raise Refused(RefusalCode.NO_SUCH_ROOM)
    return match


def _first(typed, rooms):
    """Return the first of some parts that is the address or the name of a room, or None."""
    by_slug = {room.slug: room for room in rooms}
    by_key: dict[str, Room] = {}
    for room in rooms:
        by_key.setdefault(key_of(room.name), room)
    for slug, key, rest in typed:
        match = by_slug.get(slug) or by_key.get(key)
        if match is not None:
            return NamedRoom(match.pk, rest)
    return None
