"""The lists of moderation as lines for a terminal, which shows no control characters of strangers.

The operator sees everything, with addresses.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from chat.accounts import applications
from chat.accounts.events import one_line
from chat.models import HeldMessage, JoinRequest, ModerationEntry, Report, Sanction
from chat.room import sanctions, seen_addresses
from chat.room.networks import networks_around
from chat.room.targets import Target

MOST = 100  # lines of a list
MAX_LINE = 500  # characters
OPERATOR = "the operator"

Lines = Iterator[str]


def active_sanctions(target: Target | None, room_id: int | None) -> Lines:
    """Yield the sanctions that hold, the newest first."""
    found = sanctions.active()
    if target is not None:
        found = found.filter(_concerning(target))
    if room_id is not None:
        found = found.filter(room=room_id)
    for each in found[:MOST]:
        yield _line(each.pk, each.kind, each.name, place(each), end(each), by(each.by), each.reason)


def _concerning(target):
    if target.network:
        return Q(network__in=networks_around(target.network))
    return sanctions.of_target(user=target.user, key=target.key)


def log(target: Target | None, room_id: int | None) -> Lines:
    """Yield the newest entries of the log, the newest first."""
    found = ModerationEntry.objects.order_by("-pk")
    if target is not None:
        found = found.filter(_about(target))
    if room_id is not None:
        found = found.filter(room_id=room_id)
    for each in found[:MOST]:
        details = "; ".join(filter(None, (each.reason, each.detail)))
        where = each.room or "the site"
        yield _line(
            *(each.pk, written(each.at), by(each.by), each.action, each.target),
            *(where, details, f"({each.get_door_display().lower()})"),
        )


def _about(target):
    if target.network:
        return Q(network__in=networks_around(target.network))
    if target.user is not None:
        return Q(target_id=target.user.pk) | Q(target_key=target.key)
    return Q(target_key=target.key)


def reports() -> Lines:
    """Yield the open reports, the oldest first."""
    found = Report.objects.filter(state=Report.State.OPEN).select_related("room")
    for each in found.order_by("at", "pk")[:MOST]:
        message = "" if each.seq is None else f"message {each.seq}"
        about = _line(each.pk, written(each.at), each.room, each.name, message)
        yield f"{about}  {one_line(f'{each.reporter_name}: {each.why}', MAX_LINE)}"


def held() -> Lines:
    """Yield the messages that wait for approval, the oldest first."""
    waiting = HeldMessage.Decision.WAITING
    found = HeldMessage.objects.filter(decision=waiting).select_related("room")
    for each in found.order_by("at", "pk")[:MOST]:
        yield _line(each.pk, written(each.at), each.room, f"{each.name}: {each.text}")


def join_requests() -> Lines:
    """Yield the people who ask to be let into rooms, the oldest first."""
    found = JoinRequest.objects.select_related("room", "user")
    for each in found.order_by("at", "pk")[:MOST]:
        yield _line(each.pk, written(each.at), each.room, each.user)


def waiting_accounts() -> Lines:
    """Yield the accounts that wait for approval, the oldest first."""
    for each in applications.waiting()[:MOST]:
        yield _line(each.pk, written(each.at), f"{each.user}: {each.text}")


def addresses(target: Target) -> Lines:
    """Yield the addresses of a person, or the people of a network, the newest first."""
    for each in seen_addresses.of_target(target):
        yield _line(written(each.at), each.name, each.address)


# Words


def place(sanction: Sanction) -> str:
    """Return where a sanction holds."""
    return "the whole site" if sanction.room is None else str(sanction.room)


def end(sanction: Sanction) -> str:
    """Return until when a sanction holds."""
    return "for good" if sanction.until is None else f"until {written(sanction.until)}"


def by(name: str) -> str:
    """Return who has acted."""
    return name or OPERATOR


def written(moment: datetime) -> str:
    """Return a time in the zone of the site, with the zone."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M %Z")


def _line(*parts: object) -> str:
    """Return parts as one line of printable characters, without empty ones."""
    shown = (one_line(str(part), MAX_LINE) for part in parts)
    return "  ".join(filter(None, shown))
