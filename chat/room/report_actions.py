"""Handling reports: what a moderator does about one, in the transaction that says that it was."""

from datetime import timedelta

from django.db import transaction

from chat.models import Report, Room
from chat.room import moderation, removing, reports, targets
from chat.room.moderation_log import Action, Moderator
from chat.room.moderation_rules import outranks
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


def offered(moderator: Moderator, report: Report) -> list[str]:
    """Return the names of what a moderator may do about a report, in the order of a menu.

    Those that begin with `ON_SITE` hold on the whole site, the others in the room of the report. In
    the lobby both are the same for moderators of the site, and nobody moderates a direct room.
    """
    user, target, room = moderator.user, target_of(report), report.room
    everywhere = moderation.offered(user, None, target)
    found = []
    if room.kind != Room.Kind.DIRECT:
        if report.seq is not None and outranks(moderator, target.user, room.pk):
            found.append(REMOVE)
        here = moderation.offered(user, room.pk, target)
        if room.is_lobby:
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
    if moderator.user is None or action not in offered(moderator, report):
        raise Refused(RefusalCode.NOT_ALLOWED)
    if action == REMOVE and report.seq is not None:
        removing.remove(report.room_id, [report.seq], moderator.user, moderator=moderator)
    else:
        room_id = None if action.startswith(ON_SITE) else report.room_id
        sanction = SANCTIONS[Action(action.removeprefix(ON_SITE))]
        sanction(moderator, target_of(report), room_id, duration, reason)
    return reports.handle(moderator, report_id, reason)
