"""The addresses from which people were on the site. Moderators who may see them ban by them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from chat.models import Connection, SeenAddress, User
from chat.names.keys import key_of
from chat.room.moderation_log import Moderator
from chat.room.moderation_rules import check_sees_addresses
from chat.room.networks import beginning, contains, only_address
from chat.room.sanctions import active
from chat.room.targets import Target

DELETED_AT_ONCE = 500  # rows
MAX_SHOWN = 50  # addresses of one person, or people of one network
MAX_FOUND = 1_000  # addresses of a large network whose people are looked up


class Sighting(NamedTuple):
    """Somebody on the site, at an address, at a time. A guest has no `user_id`."""

    name: str
    user_id: int | None
    address: str
    at: datetime


@transaction.atomic
def store(sightings: Sequence[Sighting]) -> None:
    """Store the addresses of people, in one row for each name and address.

    Those of accounts that were deleted meanwhile are left out.
    """
    keys = _lock_accounts(seen.user_id for seen in sightings if seen.user_id is not None)
    rows = {}
    for seen in sightings:
        if seen.user_id is None or seen.user_id in keys:
            key = key_of(seen.name) if seen.user_id is None else keys[seen.user_id]
            rows[key, seen.address] = SeenAddress(key=key, **seen._asdict())
    # Processes that store the same rows in the same order do not deadlock on PostgreSQL.
    SeenAddress.objects.bulk_create(
        [row for _, row in sorted(rows.items())],
        update_conflicts=True,
        unique_fields=["key", "address"],
        update_fields=["name", "user_id", "at"],
    )


def _lock_accounts(user_ids: Iterable[int]) -> dict[int, str]:
    """Return {id: key} of accounts, none of which is deleted before the transaction ends."""
    wanted = set(user_ids)
    if not wanted:
        return {}
    accounts = User.objects.filter(pk__in=wanted).order_by("pk")
    return dict(accounts.select_for_update(no_key=True).values_list("pk", "key"))


def forget(user: User) -> None:
    """Delete the addresses of an account, which is deleted in the same transaction.

    They stay if a sanction of the account holds. It ends with the account, and then the addresses
    are all by which moderators recognize somebody who comes back under another name.
    """
    _lock_accounts([user.pk])
    if not active().filter(user=user).exists():
        SeenAddress.objects.filter(key=user.key, user_id=user.pk).delete()


def present(process_id: int) -> list[Sighting]:
    """Return the people whose connections a process holds, with their addresses."""
    held = Connection.objects.filter(process_id=process_id).exclude(address="")
    fields = held.values_list("presence__name", "presence__user_id", "address").distinct()
    now = timezone.now()
    return [Sighting(name, user_id, address, now) for name, user_id, address in fields]


def delete_old() -> bool:
    """Delete some rows that are older than the setting ADDRESS_DAYS allows.

    Call it again when it returns True: there may be more.
    """
    oldest = timezone.now() - timedelta(days=settings.ADDRESS_DAYS)
    too_old = SeenAddress.objects.filter(at__lt=oldest).order_by("at")
    keys = list(too_old.values_list("pk", flat=True)[:DELETED_AT_ONCE])
    if keys:
        SeenAddress.objects.filter(pk__in=keys, at__lt=oldest).delete()
    return len(keys) == DELETED_AT_ONCE


def addresses_of(target: Target) -> list[SeenAddress]:
    """Return the addresses of an account or a guest's name, the newest first.

    Callers show them only to moderators with the permission `chat.view_addresses`.
    """
    key = target.user.key if target.user else target.key
    return _newest(Q(key=key)) if key else []


def asked_by(moderator: Moderator, target: Target) -> list[SeenAddress]:
    """Return the addresses of a person, or the people of a network. Raises `Refused`."""
    check_sees_addresses(moderator)
    return of_target(target)


def of_target(target: Target) -> list[SeenAddress]:
    """Return the same for the operator, who sees everything."""
    if target.network:
        return _newest(seen_in(target.network))
    return addresses_of(target)


def seen_in(network: str) -> Q:
    """Return the condition on `SeenAddress` for the newest addresses in a network of a sanction."""
    address = only_address(network)
    if address is not None:
        return Q(address=address)
    candidates = SeenAddress.objects.filter(address__startswith=beginning(network))
    newest = candidates.values("address").annotate(last=Max("at")).order_by("-last")
    addresses = newest.values_list("address", flat=True).iterator()
    found = (each for each in addresses if contains(network, each))
    return Q(address__in=list(islice(found, MAX_FOUND)))


def _newest(condition: Q) -> list[SeenAddress]:
    return list(SeenAddress.objects.filter(condition).order_by("-at", "pk")[:MAX_SHOWN])
