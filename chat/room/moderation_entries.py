"""Reading the log of moderation, and the sanctions that hold: who sees what of them."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q, QuerySet

from chat.models import ModerationEntry, Room, Sanction, User
from chat.names.keys import key_of
from chat.room.moderation_log import Moderator, on_page
from chat.room.moderation_rules import sees_addresses
from chat.room.ranks import Authority, authority_of
from chat.room.roles import moderated_by
from chat.room.sanctions import active, of_searched_network, of_target
from chat.room.targets import Target

Action = ModerationEntry.Action

# Entries that the person concerned does not see: they tell that, and often by whom, somebody was
# reported.
CONFIDENTIAL = (Action.REPORT, Action.HANDLE, Action.DISMISS)
MOST_ABOUT = 50  # entries about one person on their own page


class EntryFilter(NamedTuple):
    """The entries that somebody looks for; an empty field does not restrict them.

    `name` is that of a person who did something, or to whom it was done, in any form with the same
    key.
    """

    name: str = ""
    room_id: int | None = None
    action: str = ""


def entries(user: User, wanted: EntryFilter, before: int | None = None) -> QuerySet:
    """Return the entries that an account may see, the newest first, before the one with an id.

    Those about rooms are for the moderators of these rooms; site moderators see all others too,
    except for those about private rooms that they do not moderate.
    """
    found = ModerationEntry.objects.filter(_seen_by(user)).order_by("-pk")
    found = found.exclude(action__in=CONFIDENTIAL, target_id=user.pk)
    if wanted.name:
        found = found.filter(_about_name(wanted.name))
    if wanted.room_id is not None:
        found = found.filter(room_id=wanted.room_id)
    if wanted.action:
        found = found.filter(action=wanted.action)
    return found if before is None else found.filter(pk__lt=before)


def _seen_by(user):
    moderated = Room.objects.filter(moderated_by(user))
    if authority_of(user) < Authority.SITE_MODERATOR:
        return Q(room_id__in=moderated.values("pk"))
    hidden = Room.objects.filter(kind=Room.Kind.PRIVATE).exclude(moderated_by(user))
    return Q(room_id=None) | ~Q(room_id__in=hidden.values("pk"))


def _about_name(name):
    key = key_of(name.replace("\0", " "))
    found = Q(target_key=key) | Q(by=name)
    account = User.objects.filter(key=key).values_list("pk", flat=True).first()
    return found if account is None else found | Q(by_id=account) | Q(target_id=account)


def about(user: User) -> list[ModerationEntry]:
    """Return the newest entries about an account that it may see itself."""
    mine = ModerationEntry.objects.filter(target_id=user.pk).exclude(action__in=CONFIDENTIAL)
    return list(mine.order_by("-pk")[:MOST_ABOUT])


def sanctions_seen_by(user: User) -> Q:
    """Return the condition on `Sanction` for those that an account may see as a moderator.

    Networks say where people come from, so only those who may see addresses see these.
    """
    found = Q(room__in=Room.objects.filter(moderated_by(user)).values("pk"))
    if authority_of(user) >= Authority.SITE_MODERATOR:
        found |= Q(room=None)
    return found if sees_addresses(on_page(user)) else found & Q(network="")


def seen_of(moderator: Moderator, found: Sequence[Sanction]) -> list[Sanction]:
    """Return those of some sanctions that a moderator may see."""
    if moderator.user is None or moderator.sees_everything or not found:
        return list(found)
    shown = Sanction.objects.filter(sanctions_seen_by(moderator.user))
    seen = set(shown.filter(pk__in=[each.pk for each in found]).values_list("pk", flat=True))
    return [each for each in found if each.pk in seen]


def sanctions_of(user: User, target: Target, room_id: int | None) -> list[Sanction]:
    """Return the sanctions of somebody in a room and on the site that an account may see.

    Without a room they are those on the site. Only moderators see any.
    """
    concerned = of_target(user=target.user, key=target.key, network=target.network)
    there = Q(room=None) | Q(room=room_id)
    return list(active().filter(sanctions_seen_by(user), concerned, there))


def named(name: str, among: QuerySet[Sanction], *, networks: bool = True) -> Q:
    """Return the condition for those of some sanctions that are of a person with a name.

    If an address or a network is given, those that concern everybody there are among them, and
    those of addresses and smaller networks in it, unless no `networks` are looked for.
    """
    key = key_of(name.replace("\0", " "))
    found = Q(key=key) & ~Q(key="") | Q(user__key=key) | Q(name__iexact=name.replace("\0", " "))
    of_network = of_searched_network(name, among) if networks else None
    return found if of_network is None else found | of_network
