"""Sanctions that hold: who may not speak or come in now, and the sentence that tells them so.

A sanction ends by itself, so each statement compares its end with the present time.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from functools import reduce
from itertools import islice
from operator import or_

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from chat.models import Muted, Room, Sanction, User
from chat.room.networks import (
    beginning,
    beginnings,
    networks_around,
    networks_with,
    searched_network,
    those_within,
)
from chat.room.ranks import Authority, authority_of
from chat.room.refusal import RefusalCode, Refused

Kind = Sanction.Kind

MAX_WITHIN = 3_000  # networks of one search; SQLite takes 32,766 in all the words of a search

SANCTION_TABLE, MUTED_TABLE = Sanction._meta.db_table, Muted._meta.db_table
CODES = {
    Kind.MUTE: RefusalCode.MUTED,
    Kind.KICK: RefusalCode.BANNED,
    Kind.BAN: RefusalCode.BANNED,
}
# The condition that a row of `sanction` holds. SQLite compares times as texts, and its present time
# has no fraction of a second, so a sanction may hold there for up to a second longer.
IN_FORCE = """sanction.lifted IS NULL
    AND (sanction.until IS NULL OR sanction.until > CURRENT_TIMESTAMP)"""
# The id of a sanction that keeps the person of `presence` from speaking in the room of `saying`.
RESTRAINT = f"""(
    SELECT MAX(sanction.id) FROM {MUTED_TABLE} AS muted
    JOIN {SANCTION_TABLE} AS sanction ON sanction.id = muted.sanction_id
    WHERE muted.presence_id = presence.id AND {IN_FORCE}
        AND (sanction.room_id IS NULL OR sanction.room_id = saying.room_id)
)"""


def in_force() -> Q:
    """Return the condition on `Sanction` for those that hold now."""
    return Q(lifted=None) & (Q(until=None) | Q(until__gt=timezone.now()))


def active() -> "QuerySet[Sanction]":
    """Return the sanctions that hold now, the newest first."""
    return Sanction.objects.filter(in_force()).select_related("room", "user").order_by("-pk")


def of_target(*, user: User | None = None, key: str = "", network: str = "") -> Q:
    """Return the condition on `Sanction` for those of an account, a guest's name or a network."""
    if user is not None:
        return Q(user=user)
    return Q(key=key, user=None) & ~Q(key="") if key else Q(network=network) & ~Q(network="")


def of_searched_network(text: str, among: "QuerySet[Sanction]") -> Q | None:
    """Return the condition for those of some sanctions in a typed network, or around it.

    The newest are found if there are very many. None means that the text is neither an address nor
    a network. The order of texts differs between databases, so that none of them finds smaller
    networks by a range.
    """
    network = searched_network(text)
    if network is None:
        return None
    around = Q(network__in=networks_around(network))
    if (starts := beginnings(network)) is not None:
        return reduce(or_, (Q(network__startswith=start) for start in starts), around)
    candidates = among.filter(network__startswith=beginning(network)).exclude(network="")
    newest = candidates.order_by().values("network").annotate(newest=Max("pk")).order_by("-newest")
    found = those_within(newest.values_list("network", flat=True).iterator(), network)
    return around | Q(network__in=list(islice(found, MAX_WITHIN)))


def banned_from_site(
    *, user: User | None = None, key: str = "", address: str = ""
) -> Sanction | None:
    """Return the sanction that keeps somebody out of the site, or None.

    It is one of the account, of the guest's name if there is no account, or of a network with the
    address. Those of networks do not concern site moderators.
    """
    barring = active().filter(room=None).exclude(kind=Kind.MUTE)
    own = of_target(user=user, key=key) if user is not None or key else Q(pk=None)
    found = barring.filter(own).first()
    networks = networks_with(address)
    if found is None and networks:
        found = barring.filter(network__in=networks).exclude(network="").first()
        if found is not None and authority_of(user) >= Authority.SITE_MODERATOR:
            return None
    return found


def check_not_muted(user: User, room: Room | None = None) -> None:
    """Raise `Refused` if an account may not speak in a room, or on the site without one."""
    place = Q(room=None) if room is None else Q(room=None) | Q(room=room)
    found = active().filter(_of_account(user), place).first()
    if found is not None:
        raise refusal(found)


def check_not_banned(room_id: int, *, user: User | None = None, presence_id: int = 0) -> None:
    """Raise `Refused` if an account, or the guest of a presence, may not come into a room."""
    found = _barring(room_id, user, presence_id).first()
    if found is not None:
        raise refusal(found)


def is_banned(room_id: int, user: User) -> bool:
    """Return whether an account may not come into a room."""
    return _barring(room_id, user).exists()


def _barring(room_id, user, presence_id=0):
    own = _of_account(user) if user else Q(muted__presence=presence_id)
    return active().filter(own, room=room_id).exclude(kind=Kind.MUTE)


def _of_account(user):
    """Return the condition for the sanctions of an account, and those of its networks here."""
    here = Muted.objects.filter(presence__user=user).values_list("sanction", flat=True)
    return Q(user=user) | Q(pk__in=list(here))


def refusal(sanction: Sanction) -> Refused:
    """Return the refusal of what a sanction does not allow."""
    code = CODES[Kind(sanction.kind)]
    return Refused(code, until=sanction.until, reason=sanction.reason)


def refusals(sanction_ids: Collection[int | None]) -> dict[int, Refused]:
    """Return {id: refusal} of some sanctions. Nothing is read if there are none."""
    wanted = {sanction_id for sanction_id in sanction_ids if sanction_id is not None}
    if not wanted:
        return {}
    return {each.pk: refusal(each) for each in Sanction.objects.filter(pk__in=wanted)}


# Sentences for the people who are concerned

STATES = {Kind.MUTE: "muted", Kind.KICK: "banned", Kind.BAN: "banned"}


def sentence(sanction: Sanction) -> str:
    """Return what a sanction tells the person: `You are muted until 14:05 UTC on 30 November: x.`

    Moderators see networks; the person does not.
    """
    place = "" if sanction.room is None else f" in {sanction.room}"
    until = "" if sanction.until is None else f" until {written_time(sanction.until)}"
    reason = f": {sanction.reason.rstrip('.')}" if sanction.reason else ""
    return f"You are {STATES[Kind(sanction.kind)]}{place}{until}{reason}."


def written_time(time: datetime) -> str:
    """Return a time in words: `14:05 UTC on 30 November`, with the year if it is another one."""
    at = time.astimezone(UTC)
    year = "" if at.year == timezone.now().year else f" {at.year}"
    return f"{at:%H:%M} UTC on {at.day} {at:%B}{year}"
