"""The sanctions that concern the people who are on the site, so that each saying looks them up.

The rows of `Muted` are made while the lobby is locked: when a sanction begins, for the people who
are here, and when somebody enters. Bans from the site need none, since they end the presence.
"""

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from chat.models import Connection, Muted, Presence, Sanction
from chat.room import roles
from chat.room.entrants import Entrant
from chat.room.networks import contains, networks_with
from chat.room.sanctions import active

Kind = Sanction.Kind

NETWORKS_AT_ONCE = 5_000  # in one query


# Entering


def of_entrants(entrants: Sequence[Entrant]) -> list[list[Sanction]]:
    """Return the sanctions that hold for each of the people who enter, in their order."""
    user_ids = {entrant.user_id for entrant in entrants} - {None}
    keys = {entrant.key for entrant in entrants if entrant.user_id is None}
    own: dict[tuple[int | None, str], list[Sanction]] = {}
    of_accounts = active().filter(user__in=user_ids) if user_ids else ()
    of_names = active().filter(key__in=keys).exclude(key="") if keys else ()
    for sanction in (*of_accounts, *of_names):
        own.setdefault((sanction.user_id, sanction.key), []).append(sanction)
    by_network = _of_networks({entrant.address for entrant in entrants} - {""})
    exempt = _site_moderators(
        entrant.user_id for entrant in entrants if by_network.get(entrant.address)
    )
    return [
        own.get((entrant.user_id, "" if entrant.user_id else entrant.key), [])
        + ([] if entrant.user_id in exempt else by_network.get(entrant.address, []))
        for entrant in entrants
    ]


def _of_networks(addresses: set[str]) -> dict[str, list[Sanction]]:
    """Return {address: sanctions of networks with it}."""
    networks = Sanction.objects.filter(lifted=None).exclude(network="")
    if not addresses or not networks.exists():
        return {}
    asked = {address: networks_with(address) for address in addresses}
    wanted = sorted({network for each in asked.values() for network in each})
    found: dict[str, list[Sanction]] = {}
    for start in range(0, len(wanted), NETWORKS_AT_ONCE):
        some = wanted[start : start + NETWORKS_AT_ONCE]
        for sanction in active().filter(network__in=some).exclude(network=""):
            found.setdefault(sanction.network, []).append(sanction)
    return {
        address: [sanction for network in each for sanction in found.get(network, ())]
        for address, each in asked.items()
    }


def _site_moderators(user_ids: Iterable[int | None]) -> set[int | None]:
    """Return those of some accounts that no sanction of a network concerns."""
    return set(roles.site_moderators({each for each in user_ids if each is not None}))


def ban_from_site(sanctions: Iterable[Sanction]) -> Sanction | None:
    """Return the first sanction that keeps somebody out of the site, or None."""
    return next((each for each in sanctions if not _restrains(each)), None)


def add(found: Iterable[tuple[int, Sanction]]) -> None:
    """Let sanctions concern presences, which are given by their ids."""
    rows = [
        Muted(presence_id=presence_id, sanction=sanction)
        for presence_id, sanction in found
        if _restrains(sanction)
    ]
    if rows:
        Muted.objects.bulk_create(rows, ignore_conflicts=True)


def _restrains(sanction):
    """Return whether somebody whom a sanction concerns can be on the site."""
    return sanction.kind == Kind.MUTE or sanction.room_id is not None


# The beginning of a sanction


def connections_of(sanction: Sanction) -> "QuerySet[Connection]":
    """Return the connections of the people whom a sanction concerns.

    A sanction of a network concerns those that come from there, except for site moderators.
    """
    if sanction.network:
        here = Connection.objects.exclude(address="").values_list("address", flat=True).distinct()
        addresses = [each for each in here if contains(sanction.network, each)]
        matching = Connection.objects.filter(address__in=addresses)
        user_ids = matching.values_list("presence__user", flat=True).distinct()
        return matching.exclude(presence__user__in=_site_moderators(user_ids))
    presences = Presence.objects.filter(_is_target(sanction))
    return Connection.objects.filter(presence__in=presences)


def _is_target(sanction):
    if sanction.user_id is not None:
        return Q(user=sanction.user_id)
    return Q(key=sanction.key, user=None)


def people_of(sanction: Sanction) -> list[Presence]:
    """Return the people on the site whom a sanction concerns."""
    if sanction.network:
        here = connections_of(sanction).values("presence")
        return list(Presence.objects.filter(pk__in=here))
    return list(Presence.objects.filter(_is_target(sanction)))
