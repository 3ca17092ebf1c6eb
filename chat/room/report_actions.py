"""Handling reports: what a moderator does about one, in the transaction that says that it was."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from chat.models import Report, Room
from chat.room import moderation, removing, reports, targets
from chat.room.moderation_log import Action, Moderator
from chat.room.moderation_rules import offered_on
from chat.room.ranks_of_many import RanksOfMany
from chat.room.refusal import RefusalCode, Refused
from chat.room.targets import Target

SANCTIONS = {
    Action.MUTE: moderation.mute,
    Action.KICK: moderation.kick,
    Action.BAN: moderation.ban,
}
ON_SITE = "site_"  # begins the names of actions that hold on the whole site
REMOVE = Action.REMOVE.value


def target_of(report: Report) -> Target:
    """Return the person whom a report is about."""
    if report.user is not None:
        return targets.of_account(report.user)
    return Target(report.name, key=report.key)


def offered(moderator: Moderator, found: Sequence[Report]) -> dict[int, list[str]]:
    """Return {report: names of what an account may do about it}, in the order of a menu.

    Names that begin with `ON_SITE` hold on the whole site, the others in the room of the report. In
    the lobby both are the same for moderators of the site, and nobody moderates a direct room. The
    rooms and the people concerned should have been read with the reports.
    """
    people = [moderator.user, *(report.user for report in found)]
    ranks = RanksOfMany(people, {report.room for report in found})
    lobby = Room.first()
    return {
        report.pk: _offered(moderator.user, report, ranks, is_lobby=report.room == lobby)
        for report in found
    }


def _offered(user, report, ranks, *, is_lobby):
    room, person = report.room, report.user
    if user is None or user == person:
        return []
    everywhere = offered_on(ranks.on_site(user), ranks.on_site(person))
    found = []
    if room.kind != Room.Kind.DIRECT:
        authority, other = ranks.in_room(user, room), ranks.in_room(person, room)
        if report.seq is not None and authority > other:
            found.append(REMOVE)
        here = offered_on(authority, other, room.kind, is_lobby=is_lobby)
        if is_lobby:
            here -= everywhere
        found += [action.value for action in SANCTIONS if action in here]
    found += [f"{ON_SITE}{action.value}" for action in SANCTIONS if action in everywhere]
    return found


@transaction.atomic
def act(
    moderator: Moderator,
    report_id: int,
    action: str,
    duration: timedelta | None = None,
    reason: str = "",
) -> Report:
    """Do one of the `offered` things about a report, and note that it was handled.

    If anything is refused, nothing is done. Raises `Refused`.
    """
    report = reports.seen(moderator, report_id)
    if report.state != Report.State.OPEN:
        raise Refused(RefusalCode.DECIDED)
    if moderator.user is None or action not in offered(moderator, [report])[report.pk]:
        raise Refused(RefusalCode.NOT_ALLOWED)
    if action == REMOVE and report.seq is not None:
        removing.remove(report.room_id, [report.seq], moderator.user, moderator=moderator)
    else:
        room_id = None if action.startswith(ON_SITE) else report.room_id
        sanction = SANCTIONS[Action(action.removeprefix(ON_SITE))]
        sanction(moderator, target_of(report), room_id, duration, reason)
    return reports.handle(moderator, report_id, reason)
